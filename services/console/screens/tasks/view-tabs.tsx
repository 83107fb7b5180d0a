import { useState } from 'react'
import { Link, useSearch } from 'wouter'
import { Icon } from '../../components/icon.tsx'
import { GIVEN_VIEWS, useSavedViews } from './saved-views.ts'

/** Filters with a name: some are given, others are kept by this browser. */
export function ViewTabs() {
  const search = useSearch()
  const { views, save, remove } = useSavedViews()
  const [isNaming, setNaming] = useState(false)
  const all = [...GIVEN_VIEWS, ...views]
  const isKnown = all.some((view) => view.search === search)
  return (
    <nav className="views" aria-label="Views">
      {all.map((view) => (
        <span key={view.name} className="view">
          <Link
            href={`/tasks${view.search ? `?${view.search}` : ''}`}
            className="view-link"
            aria-current={view.search === search ? 'true' : undefined}
          >
            {view.name}
          </Link>
          {views.includes(view) && view.search === search && (
            <button
              type="button"
              className="icon-button"
              aria-label={`Delete the view ${view.name}`}
              onClick={() => remove(view.name)}
            >
              <Icon name="x" size={12} />
            </button>
          )}
        </span>
      ))}
      {!isKnown && !isNaming && (
        <button type="button" className="link" onClick={() => setNaming(true)}>
          <span className="row">
            <Icon name="star" size={13} /> Save view
          </span>
        </button>
      )}
      {isNaming && (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault()
            const name = String(new FormData(event.currentTarget).get('name') ?? '').trim()
            if (name !== '') save({ name, search })
            setNaming(false)
          }}
        >
          <input
            className="input"
            name="name"
            aria-label="Name of the view"
            placeholder="Name"
            maxLength={40}
            // biome-ignore lint/a11y/noAutofocus: it was asked for
            autoFocus
            onKeyDown={(event) => event.key === 'Escape' && setNaming(false)}
          />
          <button type="submit" className="button small">
            Save
          </button>
        </form>
      )}
    </nav>
  )
}
