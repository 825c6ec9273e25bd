// The words of the page's scripts in the page's language, and what all scripts share: window.parkqaPage. Runs first.
(() => {
  "use strict";
  const html = document.documentElement;
  const { root, reset } = document.currentScript.dataset;
  const query = new URLSearchParams(location.search);
  const mode = ["event", "widget"].includes(query.get("mode")) ? query.get("mode") : "chat";
  // [Simplified Chinese, English, Traditional Chinese].
  const WORDS = {
    looking: ["正在查找原文…", "Looking it up…", "正在查找原文…"],
    slow: ["还在查找，人多时会慢一些，请稍候…", "Still looking: it takes longer when many are asking…", "還在查找，人多時會慢一些，請稍候…"],
    queued: ["前一个问题答完就查", "Next, once the question before it is answered", "前一個問題答完就查"],
    lost: ["没有连上，请再试一次。", "The connection failed; please try again.", "沒有連上，請再試一次。"],
    offline: ["这台设备没有网络。问题留着，网络一通就自动再问。", "This device is offline. Your question waits here and is asked when the network is back.", "這台裝置沒有網路。問題留著，網路一通就自動再問。"],
    away: ["暂时连不上问答服务。问题留着，正在自动重试。", "The service cannot be reached at the moment. Your question waits here and is tried again.", "暫時連不上問答服務。問題留著，正在自動重試。"],
    kept: ["服务正在启动或很忙。问题留着，会自动再问。", "The service is starting or busy. Your question waits here and is asked again.", "服務正在啟動或很忙。問題留著，會自動再問。"],
    again: ["再问一次", "Ask again", "再問一次"],
    copied: ["已复制引文和出处", "Quote and source copied", "已複製引文和出處"],
    linked: ["已复制这个问题的链接", "Link to this question copied", "已複製這個問題的連結"],
    preparing: ["正在准备…", "Getting ready…", "正在準備…"],
    box: ["请输入问题，中英文都可以", "Ask in English or Chinese", "請輸入問題，中英文都可以"],
    send: ["发送", "Send", "發送"],
    thanks: ["谢谢，已记下", "Thank you, noted", "謝謝，已記下"],
    left: ["还可以写 # 字", "# characters left", "還可以寫 # 字"],
    over: ["超出 # 字，请缩短", "# characters too many: please shorten", "超出 # 字，請縮短"],
    speak: ["说话", "Speak", "說話"],
    unheard: ["没有听清，请再试一次。", "Nothing was understood; please try again.", "沒有聽清，請再試一次。"],
    known: ["资料里有答案的问题", "Questions with an answer", "資料裡有答案的問題"],
    first: ["选第一个", "First word", "選第一個"],
    space: ["空格", "Space", "空格"],
    back: ["删除", "Delete", "刪除"],
    shift: ["大写", "Capitals", "大寫"],
    nextField: ["下一项", "Next", "下一項"],
    hide: ["收起", "Hide", "收起"],
    saved: ["园区问答", "Conversation", "園區問答"],
  };
  // The server wrote the reader's language into the page; Gradio may overwrite it when it starts.
  const initial = html.lang;
  const chinese = initial === "zh-TW" ? "zh-TW" : "zh-CN";
  let current = initial;
  // Larger type, kept for the tab where storage is allowed.
  const LARGE = `parkqa:${root}:large`;
  try { html.classList.toggle("pq-large", mode !== "event" && sessionStorage.getItem(LARGE) === "1"); } catch { /* refused */ }
  function enlarge() {
    const large = html.classList.toggle("pq-large");
    document.querySelector("[data-large]").setAttribute("aria-pressed", String(large));
    try { sessionStorage.setItem(LARGE, large ? "1" : ""); } catch { /* it lasts as long as the page */ }
  }
  if (query.get("__theme") === "light") html.classList.add("pq-light");

  function inLanguage(forms, language) { return forms[["zh-CN", "en", "zh-TW"].indexOf(language)]; }

  function say(key) { return inLanguage(WORDS[key], current); }

  // Nodes with the words in both languages, of which the style sheet shows the page's: they follow when it is switched.
  function both(forms) {
    return [chinese, "en"].map((language) => Object.assign(document.createElement("span"), {
      className: "pq-t", lang: language, textContent: inLanguage(forms, language),
    }));
  }

  function words(key) { return both(WORDS[key]); }

  // An error of the server is a Chinese and an English sentence.
  function sentences(error) {
    const [zh, en] = typeof error === "string" ? error.split(" / ") : [];
    return zh ? both([zh, en || zh, zh]) : words("lost");
  }

  function setLanguage(language) {
    current = html.lang = language;
    const box = page.box();
    if (box) { box.placeholder = say("box"); box.setAttribute("aria-label", say("box")); }
    const send = document.getElementById("pq-send");
    if (send) send.textContent = say("send");
    const named = document.querySelector("form#pq-ask [name=lang]");
    if (named) named.value = current;
  }

  new MutationObserver(() => {
    if (html.lang !== current) html.lang = current;
  }).observe(html, { attributeFilter: ["lang"] });

  const page = window.parkqaPage = {
    root, reset, mode, query, say, words, sentences, setLanguage, enlarge,
    language: () => current,
    switchLanguage: () => setLanguage(current === "en" ? chinese : "en"),
    resetLanguage: () => setLanguage(initial),
    byId: (id) => document.getElementById(id),
    log: () => document.getElementById("pq-log"),
    box: () => document.querySelector("#pq-box textarea, #pq-box input"),
    calm: () => matchMedia("(prefers-reduced-motion: reduce)").matches,
    touch: () => matchMedia("(pointer: coarse)").matches,
  };
  setLanguage(initial);
  document.querySelector("[data-large]").setAttribute("aria-pressed", String(html.classList.contains("pq-large")));
})();
