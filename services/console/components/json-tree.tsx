import { useState } from 'react'
import { CopyButton } from './copy-button.tsx'

/** So many entries of a list or an object are drawn at once. */
const PAGE = 100
/** Longer texts are cut, with a button for the rest. */
const MAX_TEXT = 600

/** Any JSON, folded: only what is open is drawn. */
export function JsonTree({
  value,
  name,
  openDepth = 2,
}: {
  value: unknown
  name?: string
  /** Levels that are open from the start. */
  openDepth?: number
}) {
  return (
    <div className="json">
      <CopyButton text={JSON.stringify(value, null, 2) ?? ''} label={`Copy ${name ?? 'JSON'}`} />
      <Node value={value} openDepth={openDepth} />
    </div>
  )
}

function Node({ name, value, openDepth }: { name?: string; value: unknown; openDepth: number }) {
  if (typeof value !== 'object' || value === null)
    return (
      <div className="json-row">
        {name !== undefined && <span className="json-key">{name}: </span>}
        <Leaf value={value} />
      </div>
    )
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((each, index) => [String(index), each])
    : Object.entries(value)
  return (
    <Branch
      {...(name !== undefined && { name })}
      isList={Array.isArray(value)}
      entries={entries}
      openDepth={openDepth}
    />
  )
}

function Branch({
  name,
  isList,
  entries,
  openDepth,
}: {
  name?: string
  isList: boolean
  entries: readonly [string, unknown][]
  openDepth: number
}) {
  const [isOpen, setOpen] = useState(openDepth > 0)
  const [shown, setShown] = useState(PAGE)
  const count = isList ? `[${entries.length}]` : `{${entries.length}}`
  if (entries.length === 0)
    return (
      <div className="json-row">
        {name !== undefined && <span className="json-key">{name}: </span>}
        <span className="dim">{isList ? '[]' : '{}'}</span>
      </div>
    )
  return (
    <details className="json-branch" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {name !== undefined && <span className="json-key">{name}: </span>}
        <span className="dim">{count}</span>
      </summary>
      {isOpen && (
        <div className="json-entries">
          {entries.slice(0, shown).map(([key, each]) => (
            <Node key={key} name={key} value={each} openDepth={openDepth - 1} />
          ))}
          {entries.length > shown && (
            <button type="button" className="link" onClick={() => setShown(shown + PAGE * 10)}>
              {entries.length - shown} more
            </button>
          )}
        </div>
      )}
    </details>
  )
}

function Leaf({ value }: { value: unknown }) {
  const [isWhole, setWhole] = useState(false)
  if (typeof value !== 'string')
    return <span className={`json-${value === null ? 'null' : typeof value}`}>{String(value)}</span>
  if (value.length <= MAX_TEXT || isWhole) return <span className="json-string">{JSON.stringify(value)}</span>
  return (
    <span className="json-string">
      {JSON.stringify(value.slice(0, MAX_TEXT))}…{' '}
      <button type="button" className="link" onClick={() => setWhole(true)}>
        {value.length - MAX_TEXT} characters more
      </button>
    </span>
  )
}
