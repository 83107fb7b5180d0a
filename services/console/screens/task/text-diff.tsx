import type { DiffLine } from './diff-lines.ts'

/** What differs between two texts. @param label what it is about, for those who do not see it */
export function TextDiff({ lines, label }: { lines: readonly DiffLine[]; label?: string }) {
  return (
    <pre
      className="diff"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: long texts are scrolled with the keyboard
      tabIndex={0}
      {...(label !== undefined && { role: 'group', 'aria-label': label })}
    >
      {lines.length === 0 && 'Nothing.'}
      {lines.map(({ sign, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names, and do not move
        <span key={index} className={sign === '+' ? 'added' : sign === '-' ? 'removed' : 'same'}>
          {sign} {text}
          {'\n'}
        </span>
      ))}
    </pre>
  )
}
