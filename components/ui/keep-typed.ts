/**
 * For the `ref` of a form whose fields are drawn by somebody else: what was typed or chosen stays when its action answers with a
 * question, such as for a code. React empties a form then, and the second press would send other values than the first. A one-time code
 * alone goes: it is good once. By the browser's own event, since React hears none while it resets a form.
 */
export function keepTyped(form: HTMLFormElement | null): (() => void) | undefined {
  if (form === null) return undefined
  const keep = (event: Event) => {
    event.preventDefault()
    for (const code of form.querySelectorAll<HTMLInputElement>('input[autocomplete=one-time-code]'))
      code.value = ''
  }
  form.addEventListener('reset', keep)
  return () => form.removeEventListener('reset', keep)
}
