/**
 * Keeps the page exactly as tall as what one can see of it. Safari on the iPhone lays its keyboard over the page without telling
 * the layout; the visual viewport knows. Where the two agree, the style sheet's 100dvh stands.
 */
export function fitShell() {
  const seen = window.visualViewport;
  if (!seen) return;
  const fit = () => {
    const covered = seen.scale === 1 && window.innerHeight - seen.height > 1;
    if (covered) {
      document.body.style.setProperty("--shell", `${seen.height}px`);
      scrollTo(0, 0);
    } else {
      document.body.style.removeProperty("--shell");
    }
  };
  seen.addEventListener("resize", fit); // not at once: no keyboard is there yet, and to ask would lay out the page before it is drawn
}
