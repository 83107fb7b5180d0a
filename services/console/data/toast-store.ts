import type { ProblemError } from './problem.ts'

export interface Toast {
  readonly id: number
  readonly tone: 'ok' | 'bad'
  readonly title: string
  readonly code?: string | undefined
  readonly detail?: string | undefined
  readonly fix?: string | undefined
  readonly undo?: (() => void) | undefined
}

/** So many are shown; older ones go first. */
const MAX_TOASTS = 4
/** What went well goes by itself; what went wrong stays until it was read. Milliseconds. */
const SHOWN_MS = 5000

/** Messages about what was done. */
export class ToastStore {
  #toasts: readonly Toast[] = []
  #nextId = 1
  readonly #listeners = new Set<() => void>()

  readonly read = (): readonly Toast[] => this.#toasts

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  readonly add = (toast: Omit<Toast, 'id' | 'tone'> & { tone?: Toast['tone'] }): void => {
    const id = this.#nextId++
    const added: Toast = { tone: 'ok', ...toast, id }
    this.#set([...this.#toasts, added].slice(-MAX_TOASTS))
    if ((toast.tone ?? 'ok') === 'ok') setTimeout(() => this.remove(id), SHOWN_MS)
  }

  /** @param title what was tried */
  readonly addProblem = (problem: ProblemError, title?: string): void => {
    const { code, message, fix } = problem
    this.add({ tone: 'bad', title: title ?? message, code, detail: title ? message : undefined, fix })
  }

  readonly remove = (id: number): void => {
    this.#set(this.#toasts.filter((toast) => toast.id !== id))
  }

  #set(toasts: readonly Toast[]): void {
    this.#toasts = toasts
    for (const listener of this.#listeners) listener()
  }
}
