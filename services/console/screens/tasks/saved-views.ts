import { useState } from 'react'
import { keep, readKept } from '../../app/theme.ts'

/** A filter with a name. */
export interface SavedView {
  readonly name: string
  /** The query of the URL. */
  readonly search: string
}

export const GIVEN_VIEWS: readonly SavedView[] = [
  { name: 'All', search: '' },
  { name: 'Running', search: 'status=running' },
  { name: 'Failed, 24 h', search: 'from=24h&status=failed' },
  { name: 'Paused', search: 'status=paused' },
]
const KEY = 'murmur.views.tasks'
const MAX_VIEWS = 20

/** What this browser keeps; what was written by hand and is no list is passed over. Pure. */
export function parseViews(text: string | undefined): SavedView[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(found)) return []
    return found
      .filter((view): view is SavedView => typeof view?.name === 'string' && typeof view?.search === 'string')
      .slice(0, MAX_VIEWS)
  } catch {
    return []
  }
}

/** The views with one more; one of the same name is replaced. Pure. */
export function withView(views: readonly SavedView[], view: SavedView): SavedView[] {
  return [...views.filter(({ name }) => name !== view.name), view].slice(-MAX_VIEWS)
}

export function useSavedViews() {
  const [views, setViews] = useState(() => parseViews(readKept(KEY)))
  const store = (next: SavedView[]) => {
    keep(KEY, JSON.stringify(next))
    setViews(next)
  }
  return {
    views,
    save: (view: SavedView) => store(withView(views, view)),
    remove: (name: string) => store(views.filter((view) => view.name !== name)),
  }
}
