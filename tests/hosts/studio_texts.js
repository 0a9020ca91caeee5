// Every text of the page that is seen, with the contrast of its color to what is behind it: the
// ratio of WCAG 2.2. Texts on pictures are left out: there is no one color behind them.
(() => {
  const parse = (text) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    canvas.canvas.width = canvas.canvas.height = 1;
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], alpha: a / 255 };
  };
  const over = (top, bottom) =>
    top.rgb.map((value, i) => value * top.alpha + bottom[i] * (1 - top.alpha));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.backgroundImage.includes("url(")) return null;
      const layer = parse(style.backgroundColor);
      if (layer.alpha > 0) layers.push(layer);
      if (layer.alpha === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    const hidden = style.visibility !== "visible" || !element.getClientRects().length
      || element.closest("[aria-hidden=true], script, style, noscript, :disabled");
    if (!text || hidden) continue;
    let opacity = 1;
    for (let e = element; e; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
    if (opacity === 0) continue;
    const paper = behind(element);
    if (!paper) continue;
    const ink = parse(element instanceof SVGElement ? style.fill : style.color);
    const lights = [luminance(over({ ...ink, alpha: ink.alpha * opacity }, paper)), luminance(paper)];
    const contrast = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
    found.push({ text: text.slice(0, 60), contrast: Math.round(contrast * 100) / 100 });
  }
  return found;
})()
