import { Component, type ReactNode } from 'react'
import { toProblemError } from '../data/problem.ts'
import { ErrorPanel } from './error-panel.tsx'

/** A screen's fault stays that screen's: the others, and the navigation, go on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined as unknown }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    const problem = toProblemError(this.state.error)
    // A new version was put in place: what this page asks for is gone.
    const isStale = /dynamically imported module|module script/i.test(problem.message)
    return (
      <div className="page">
        <ErrorPanel
          problem={problem}
          title={isStale ? 'The console was renewed meanwhile' : 'This screen has a fault'}
          onRetry={() => (isStale ? location.reload() : this.setState({ error: undefined }))}
        />
      </div>
    )
  }
}
