import { useSyncExternalStore } from 'react'
import { ToastStore } from '../data/toast-store.ts'
import { Icon } from './icon.tsx'

const store = new ToastStore()

/** Says that something was done, or why it was not: `toast({ title })`, `toastProblem(problem)`. */
export const toast = store.add
export const toastProblem = store.addProblem

export function Toasts() {
  const toasts = useSyncExternalStore(store.subscribe, store.read)
  return (
    <section className="toasts" aria-label="Messages" aria-live="polite">
      {toasts.map(({ id, tone, title, code, detail, fix, undo }) => (
        <div key={id} className={`toast ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
          <Icon name={tone === 'bad' ? 'alert' : 'check'} />
          <div>
            <p>
              {title} {code && <code className="code">{code}</code>}
            </p>
            {detail && <p className="dim">{detail}</p>}
            {fix && <p className="dim">{fix}</p>}
          </div>
          {undo && (
            <button
              type="button"
              className="button small"
              onClick={() => {
                store.remove(id)
                undo()
              }}
            >
              Undo
            </button>
          )}
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => store.remove(id)}>
            <Icon name="x" />
          </button>
        </div>
      ))}
    </section>
  )
}
