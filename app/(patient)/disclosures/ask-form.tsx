import { Notice } from '#components/ui/notice.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { askAction } from './actions.ts'

type Props = { formKey: string; from: string; to: string; isRefused: boolean }

/**
 * For which days somebody wants to know to whom information was given. The browser's own date fields take no wrong day, so
 * the page carries no script for this form; what is left to refuse is said above it.
 */
export function AskForm({ formKey, from, to, isRefused }: Props) {
  return (
    <form action={askAction} className="space-y-4">
      {isRefused && (
        <div role="alert">
          <Notice tone="warn" title="Those days cannot be asked for">
            Choose a first and a last day, the first not after the last, at most six years back and not in the
            future.
          </Notice>
        </div>
      )}
      <input type="hidden" name="key" value={formKey} />
      <div className="grid items-end gap-4 sm:grid-cols-2">
        <TextInput name="from" label="From" type="date" required defaultValue={from} />
        <TextInput name="to" label="To" type="date" required defaultValue={to} />
      </div>
      <SubmitButton pendingText="Sending…">Ask for the list</SubmitButton>
    </form>
  )
}
