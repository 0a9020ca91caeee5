// Fills in a study's page as a person would, in Node with as much of a document as the page needs.
//   node mos_page.js PAGE OPINION
// OPINION: JSON, {drawing id: mark}. Prints what the person saw, and the file that was saved.

const fs = require("fs");
const vm = require("vm");

class Element {
  constructor(tag) {
    Object.assign(this, { tag, attributes: {}, children: [], listeners: {}, checked: false });
    this.classList = new Set();
    this.classList.remove = this.classList.delete;
    this.textContent = "";
  }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  addEventListener(name, listener) { this.listeners[name] = listener; }
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  focus() { focused = this; }
  get all() {
    return this.children.filter(child => child instanceof Element).flatMap(c => [c, ...c.all]);
  }
  get text() {
    return this.textContent + this.children.map(c => c instanceof Element ? c.text : c).join("");
  }
  querySelector(selector) {
    return this.all.find(e => selector === "[tabindex]" ? "tabindex" in e.attributes : e.tag === selector);
  }
}

const [page, opinion] = [fs.readFileSync(process.argv[2], "utf8"), JSON.parse(process.argv[3])];
const scripts = [...page.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(match => match[1]);
const main = new Element("main"), data = new Element("script");
data.textContent = scripts[0];
const kept = {};
let focused = null;

const world = {
  document: {
    createElement: tag => new Element(tag),
    getElementById: id => ({ main, study: data })[id] ?? main.all.find(e => e.attributes.id === id),
  },
  localStorage: { getItem: name => kept[name] ?? null, setItem: (name, text) => { kept[name] = text; } },
  crypto: globalThis.crypto,
  scrollTo() {},
  confirm: () => true,
};
world.window = world;

const open = () => vm.runInNewContext(scripts[1], { ...world, window: world });
const button = text => main.all.find(e => e.tag === "button" && e.text === text);
const press = text => button(text).listeners.click();
const title = () => main.querySelector("h1").text;
const choose = (id, value) => main.all
  .find(e => e.attributes.name === id && e.attributes.value === String(value)).listeners.change();
const questions = () => main.all.filter(e => e.tag === "fieldset").map(e => e.attributes.id);

function answer(id) {
  const [kind, , drawing] = id.split("-");
  if (kind === "rate") return choose(id, opinion[drawing]);
  const choices = main.all.filter(e => e.attributes.name === id).map(e => e.attributes.value);
  choose(id, choices.reduce((a, b) => opinion[a] >= opinion[b] ? a : b));
}

open();
const seen = { refused: [], order: [] };
press("Start");
while (button("Next") || button("Finish")) {
  const before = title(), forward = button("Next") ? "Next" : "Finish";
  const ids = questions();
  seen.order.push(ids.filter(id => id.startsWith("rate-style-")).map(id => id.split("-")[2]));
  for (const id of ids.slice(0, -1)) answer(id);
  press(forward);
  seen.refused.push(title() === before && focused.attributes.name === ids.at(-1)
    && main.all.find(e => e.attributes.role === "alert").text);
  open();  // the page is closed and opened again; what was answered is there
  answer(ids.at(-1));
  press(forward);
}
const link = main.all.find(e => e.tag === "a");
const [, file] = link.attributes.href.split("charset=utf-8,");
console.log(JSON.stringify({ ...seen, name: link.attributes.download, title: title(),
  saved: decodeURIComponent(file) }));
