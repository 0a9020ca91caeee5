// A field for files: chosen, dropped, or a photo taken with the camera. Its value is JSON, a list
// of {path, name}: where Gradio has put each file, and what its owner calls it.
const find = (selector) => element.querySelector(selector);
const field = find(".file-field");
const input = find("input[type=file]");
const mostBytes = Number(field.dataset.mostBytes);
const several = field.dataset.multiple === "true";
let stream = null;

function tell(fact, remedy) {
  const told = find(".told");
  told.hidden = !fact;
  told.replaceChildren();
  if (!fact) return;
  const strong = document.createElement("strong");
  strong.textContent = fact;
  told.append(strong, " ", remedy);
}

function show(files) {
  const picture = find(".chosen");
  const names = find(".names");
  if (picture.src) URL.revokeObjectURL(picture.src);
  picture.removeAttribute("src");
  picture.hidden = true;
  const alone = files.length === 1 && !several && files[0].type.startsWith("image/");
  names.hidden = alone || !files.length;
  names.replaceChildren(
    ...files.map((file) => {
      const line = document.createElement("li");
      line.textContent = file.name;
      return line;
    }),
  );
  if (alone) {
    picture.onload = () => { picture.hidden = false; };
    picture.onerror = () => { names.hidden = false; }; // a kind that browsers do not show
    picture.src = URL.createObjectURL(files[0]);
  }
  find(".invite").hidden = files.length > 0;
}

async function choose(files) {
  if (!files.length) return;
  tell("");
  const large = files.find((file) => file.size > mostBytes);
  if (large) {
    const size = Math.round(large.size / 1048576);
    tell(`${large.name} has ${size} MB; ${Math.floor(mostBytes / 1048576)} MB is the most.`,
      "Save it smaller first.");
    return;
  }
  field.setAttribute("aria-busy", "true");
  try {
    const uploaded = [];
    for (const file of files) {
      const { path } = await upload(file);
      uploaded.push({ path, name: file.name });
    }
    show(files);
    props.value = JSON.stringify(uploaded);
  } catch (error) {
    tell(`The file could not be read (${error.message}).`, "Choose it again.");
  } finally {
    field.removeAttribute("aria-busy");
  }
}

function closeCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  find(".view").srcObject = null;
  for (const name of [".view", ".take", ".close-camera"]) find(name).hidden = true;
  find(".open-camera").hidden = false;
  find(".invite").hidden = Boolean(find(".chosen").src) || !find(".names").hidden;
  if (find(".chosen").src) find(".chosen").hidden = false;
}

const CAMERA_TROUBLE = {
  NotFoundError: ["No camera was found.", "Connect one, or choose a file."],
  NotAllowedError: ["The browser may not use the camera.",
    "Allow it beside the address of the page, or choose a file."],
  NotReadableError: ["The camera cannot be used: another program has it.",
    "Close that program, or choose a file."],
};

async function openCamera() {
  tell("");
  try {
    if (!navigator.mediaDevices) throw new DOMException("", "NotFoundError");
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1440 } },
    });
  } catch (error) {
    const known = CAMERA_TROUBLE[error.name];
    tell(known?.[0] ?? `The camera cannot be used (${error.name}).`, known?.[1] ?? "Choose a file.");
    return;
  }
  const view = find(".view");
  view.srcObject = stream;
  await view.play();
  for (const name of [".view", ".take", ".close-camera"]) find(name).hidden = false;
  for (const name of [".open-camera", ".chosen", ".names", ".invite"]) find(name).hidden = true;
  find(".take").focus();
}

async function takePhoto() {
  const view = find(".view");
  const canvas = document.createElement("canvas");
  canvas.width = view.videoWidth;
  canvas.height = view.videoHeight;
  canvas.getContext("2d").drawImage(view, 0, 0);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  closeCamera();
  find(".open-camera").focus();
  await choose([new File([blob], "photo.png", { type: "image/png" })]);
}

input.addEventListener("change", () => {
  choose([...input.files]);
  input.value = ""; // the same file may be chosen again
});
find(".open-camera").addEventListener("click", openCamera);
find(".take").addEventListener("click", takePhoto);
find(".close-camera").addEventListener("click", closeCamera);
for (const name of ["dragover", "dragleave", "drop"]) {
  field.addEventListener(name, (event) => {
    event.preventDefault();
    field.classList.toggle("over", name === "dragover");
    if (name === "drop") {
      const files = [...event.dataTransfer.files];
      choose(several ? files : files.slice(0, 1));
    }
  });
}
