import type { ProblemError } from '../data/problem.ts'
import { Icon } from './icon.tsx'

/** An error with its code, its cause and what to do about it. */
export function ErrorPanel({
  problem,
  title,
  onRetry,
}: {
  problem: ProblemError
  title?: string
  onRetry?: () => void
}) {
  return (
    <div className="error-panel" role="alert">
      <Icon name="alert" size={18} />
      <div>
        <p className="error-title">
          {title ?? problem.message} <code className="code">{problem.code}</code>
        </p>
        {title && <p>{problem.message}</p>}
        {problem.issues.length > 0 && (
          <ul>
            {problem.issues.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <code>{path}</code> {message}
              </li>
            ))}
          </ul>
        )}
        {problem.fix && <p className="dim">{problem.fix}</p>}
        {(problem.requestId ?? problem.traceId) && (
          <p className="dim small">
            {problem.requestId && <>request {problem.requestId} </>}
            {problem.traceId && <>trace {problem.traceId}</>}
          </p>
        )}
      </div>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          <Icon name="retry" /> Try again
        </button>
      )}
    </div>
  )
}
