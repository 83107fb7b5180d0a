import { useEffect, useId, useRef, useState } from 'react'
import { parseLabelFilter } from '#schemas/label-filter.ts'
import { TASK_STATUSES } from '#schemas/task-status.ts'
import { Icon } from '../../components/icon.tsx'
import type { FILTER_NAMES, TaskFilter } from './task-filter.ts'

export type SetFilter = (
  change: Partial<Record<(typeof FILTER_NAMES)[number], string | readonly string[] | undefined>>,
) => void

const SPANS: readonly [value: string, label: string][] = [
  ['15m', 'last 15 minutes'],
  ['1h', 'last hour'],
  ['24h', 'last 24 hours'],
  ['7d', 'last 7 days'],
]

export function FilterBar({
  filter,
  set,
  types,
}: {
  filter: TaskFilter
  set: SetFilter
  /** Types that were seen, to choose from. */
  types: readonly string[]
}) {
  const typesId = useId()
  const isSpan = filter.from === undefined || SPANS.some(([value]) => value === filter.from)
  const [isExact, setExact] = useState(!isSpan || filter.before !== undefined)
  return (
    <search className="filters">
      <SearchField text={filter.text} onChange={(q) => set({ q })} />
      <select
        className="input"
        aria-label="Status"
        value={filter.status ?? ''}
        onChange={(event) => set({ status: event.target.value })}
      >
        <option value="">Any status</option>
        {TASK_STATUSES.map((status) => (
          <option key={status}>{status}</option>
        ))}
      </select>
      <input
        className="input filter-type"
        aria-label="Type"
        placeholder="Any type"
        list={typesId}
        defaultValue={filter.type ?? ''}
        key={filter.type ?? ''}
        onChange={(event) => {
          // A type that was chosen from the list counts at once; one that is typed, when it is done.
          if (types.includes(event.target.value)) set({ type: event.target.value })
        }}
        onBlur={(event) => set({ type: event.target.value.trim() })}
        onKeyDown={(event) => event.key === 'Enter' && set({ type: event.currentTarget.value.trim() })}
      />
      <datalist id={typesId}>
        {types.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      <LabelFilter filter={filter} set={set} />
      {isExact ? (
        <>
          <label className="filter-time">
            <span>from</span>
            <input
              className="input"
              type="datetime-local"
              defaultValue={localMinute(filter.from)}
              onChange={(event) => set({ from: isoOf(event.target.value) })}
            />
          </label>
          <label className="filter-time">
            <span>to</span>
            <input
              className="input"
              type="datetime-local"
              defaultValue={localMinute(filter.before)}
              onChange={(event) => set({ before: isoOf(event.target.value) })}
            />
          </label>
          <button
            type="button"
            className="icon-button"
            aria-label="Any time"
            onClick={() => {
              setExact(false)
              set({ from: undefined, before: undefined })
            }}
          >
            <Icon name="x" />
          </button>
        </>
      ) : (
        <select
          className="input"
          aria-label="Created"
          value={filter.from ?? ''}
          onChange={(event) =>
            event.target.value === 'exact' ? setExact(true) : set({ from: event.target.value })
          }
        >
          <option value="">Any time</option>
          {SPANS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          <option value="exact">from … to …</option>
        </select>
      )}
    </search>
  )
}

/** The URL is changed when the typing rests: browsers refuse to change it with every key. Milliseconds. */
const TYPING_MS = 250

function SearchField({
  text = '',
  onChange,
}: {
  text: string | undefined
  onChange: (text: string | undefined) => void
}) {
  const [typed, setTyped] = useState(text)
  const told = useRef(text)
  const change = useRef(onChange)
  change.current = onChange
  useEffect(() => {
    if (text !== told.current) setTyped(text)
    told.current = text
  }, [text])
  useEffect(() => {
    if (typed === told.current) return
    const timer = setTimeout(() => {
      told.current = typed
      change.current(typed || undefined)
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <div className="filter-search">
      <Icon name="search" />
      <input
        id="page-search"
        className="input"
        type="search"
        aria-label="Search in all tasks: id, type, label, error"
        maxLength={200}
        placeholder="Search id, type, label, error…"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  )
}

function LabelFilter({ filter, set }: { filter: TaskFilter; set: SetFilter }) {
  const input = useRef<HTMLInputElement>(null)
  const [isWrong, setWrong] = useState(false)
  const add = () => {
    const text = input.current!.value.trim()
    if (text === '') return
    const isRight = parseLabelFilter(text) !== undefined
    setWrong(!isRight)
    if (!isRight) return
    set({ label: [...new Set([...filter.labels, text])] })
    input.current!.value = ''
  }
  return (
    <span className="filter-labels">
      {filter.labels.map((label) => (
        <button
          key={label}
          type="button"
          className="chip removable"
          aria-label={`Without label ${label}`}
          onClick={() => set({ label: filter.labels.filter((each) => each !== label) })}
        >
          {label} <Icon name="x" size={11} />
        </button>
      ))}
      <input
        ref={input}
        className="input filter-label"
        aria-label="Label, as name:value"
        aria-invalid={isWrong}
        title={isWrong ? 'A label is name:value' : undefined}
        placeholder="label:value"
        onKeyDown={(event) => event.key === 'Enter' && add()}
        onBlur={add}
      />
    </span>
  )
}

/** For the browser's own field, which knows no time zone. */
function localMinute(text: string | undefined): string {
  const atMs = text === undefined ? Number.NaN : Date.parse(text)
  if (!Number.isFinite(atMs)) return ''
  const at = new Date(atMs)
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function isoOf(local: string): string | undefined {
  return local === '' ? undefined : new Date(local).toISOString()
}
