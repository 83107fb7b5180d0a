import { type Action, commandLines } from '../data/commands.ts'
import { useSession } from '../data/session.ts'
import { CopyButton } from './copy-button.tsx'

/** The same action on the command line, over HTTP and over NATS, to copy. */
export function AsCommand({
  action,
  title = 'As command',
  isOpen = false,
}: {
  action: Action
  title?: string
  isOpen?: boolean
}) {
  const { data } = useSession()
  const lines = commandLines(action, { origin: location.origin, needsKey: data?.auth === 'required' })
  return (
    <details className="as-command" open={isOpen || undefined}>
      <summary>{title}</summary>
      {lines.map(({ tool, line }) => (
        <div key={tool} className="command-line">
          <span className="dim">{tool}</span>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line is scrolled with the keyboard */}
          <code tabIndex={0}>{line}</code>
          <CopyButton text={line} label={`Copy the ${tool} command`} />
        </div>
      ))}
    </details>
  )
}
