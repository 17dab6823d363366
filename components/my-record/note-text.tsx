/** The text of a note as it was written: blank lines part the paragraphs, line breaks are kept. */
export function NoteText({ text, isTakenBack = false }: { text: string; isTakenBack?: boolean | undefined }) {
  const Text = isTakenBack ? 'del' : 'span'
  return (
    <div className="max-w-[66ch] space-y-3">
      {text
        .split(/\n\s*\n/)
        .filter((paragraph) => paragraph.trim() !== '')
        .map((paragraph, index) => (
          // Two paragraphs may read the same; their place tells them apart.
          <p key={index} className="whitespace-pre-line">
            <Text>{paragraph.trim()}</Text>
          </p>
        ))}
    </div>
  )
}
