/*
 * Hides the page at once, without waiting for React or a style sheet. What is hidden this way cannot be read, focused,
 * found or printed. Set through the object model, which the content security policy allows.
 */

let focused: Element | null = null

/** Hides everything until the server has said that the session lives. */
export function drawCurtain(): void {
  if (document.documentElement.style.visibility === 'hidden') return
  focused = document.activeElement
  document.documentElement.style.visibility = 'hidden'
}

/** Shows the page again, with the focus where it was. */
export function liftCurtain(): void {
  document.documentElement.style.visibility = ''
  if (focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused)
    focused.focus()
  focused = null
}
