// The desk works without this: it shows how far an upload is, and takes files that are dropped anywhere on its box.
(() => {
  "use strict";
  const form = document.getElementById("upload");
  const line = Number(document.querySelector("textarea[data-line]")?.dataset.line || 0);
  if (line) atLine(document.querySelector("textarea[data-line]"), line);
  preview(document.querySelector("input[type=color]"), document.querySelector(".pq-preview"));
  document.getElementById("logo")?.addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (!file) return;
    for (const picture of document.querySelectorAll("#signs img")) picture.src = URL.createObjectURL(file);
    document.getElementById("signs").hidden = false;
  });
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const sending = form.querySelector(".pq-sending");

  function atLine(area, number) {
    const lines = area.value.split("\n");
    const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[number - 1] || "").length);
    area.scrollTop = Math.max(0, (number - 4) * parseFloat(getComputedStyle(area).lineHeight));
  }

  // What the park's colour and name will look like, as they are chosen.
  function preview(colour, picture) {
    if (!colour || !picture) return;
    colour.addEventListener("input", () => { for (const each of picture.querySelectorAll("[data-colour]")) each.setAttribute("fill", colour.value); });
    const name = document.getElementById("name");
    name?.addEventListener("input", () => { picture.querySelector("[data-name]").textContent = name.value; });
  }

  function tell(text) {
    sending.hidden = false;
    sending.querySelector("span").textContent = text;
    sending.querySelector("progress").hidden = true;
    form.querySelector("button").disabled = false;
  }

  function wrong(files) {
    const sizes = [...files].map((file) => file.size / 1048576);
    if (files.length > Number(form.dataset.files)) return form.dataset.tooMany;
    const all = sizes.reduce((sum, size) => sum + size, 0);
    return Math.max(0, ...sizes) > Number(form.dataset.fileMb) || all > Number(form.dataset.allMb) ? form.dataset.tooLarge : "";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = wrong(input.files);
    if (said) return tell(said);
    const bar = sending.querySelector("progress");
    sending.hidden = bar.hidden = false;
    form.querySelector("button").disabled = true;
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (sent) => { bar.value = sent.lengthComputable ? (100 * sent.loaded) / sent.total : 0; });
    request.upload.addEventListener("load", () => bar.removeAttribute("value"));
    // What was done or not is said at the top of the page that comes then.
    request.addEventListener("load", () => { scrollTo(0, 0); location.reload(); });
    request.addEventListener("error", () => tell(form.dataset.broken));
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "desk");
    request.send(new FormData(form));
  });

  for (const kind of ["dragenter", "dragover"]) form.addEventListener(kind, (event) => { event.preventDefault(); form.classList.add("pq-over"); });
  for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => form.classList.remove("pq-over"));
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
})();
