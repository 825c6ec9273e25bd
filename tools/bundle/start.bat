@echo off
rem Sets up, the first time, and serves: nothing of it needs a network. Options are passed on: start.bat --port 8000
rem This file is plain ASCII on purpose: cmd loses its place in a script that holds anything else.
setlocal
chcp 65001 >nul
cd /d "%~dp0"
if exist ".venv\ready" goto serve

py -@PYTHON@ --version >nul 2>nul
if errorlevel 1 goto nopython
type "text\first.txt"
py -@PYTHON@ -m venv --clear .venv
if errorlevel 1 goto failed
".venv\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check --no-index --no-cache-dir --no-compile --find-links "wheels\any" --find-links "wheels\windows" -c constraints.txt "parkqa[@EXTRAS@]"
if errorlevel 1 goto failed
type nul >".venv\ready"

:serve
set "PARKQA_CORPUS=%~dp0corpus"
set "PARKQA_INDEX=%~dp0index"
set "PARKQA_MODELS=%~dp0models"
if not defined PARKQA_JOURNAL set "PARKQA_JOURNAL=%~dp0journal.db"
set "PARKQA_EMBEDDER=default"
set "PARKQA_RERANKER=default"
set "HF_HUB_OFFLINE=1"
set "PYTHONUTF8=1"
".venv\Scripts\python.exe" -m parkqa serve --event %*
if errorlevel 1 pause
exit /b

:nopython
type "text\no-python.txt"
pause
exit /b 1

:failed
type "text\failed.txt"
pause
exit /b 1
