import { SEVERITIES } from '#schemas/severities.ts'
import { Icon } from '../../components/icon.tsx'
import { nowMs } from '../../data/clock.ts'
import { formatTime } from '../../data/format.ts'
import { RANGES, rangeOf } from './timeline.ts'

type FilterName = 'range' | 'until' | 'camera' | 'severity' | 'rule' | 'seen'

/** Which time, which camera, which severity, which rule; what one has not seen. All of it stands in the URL. */
export function ReviewFilters({
  url,
  set,
  cameras,
  rules,
  toMs,
  lengthMs,
}: {
  url: { readonly text: (name: FilterName) => string | undefined }
  set: (change: Partial<Record<FilterName, string>>) => void
  cameras: readonly string[]
  rules: readonly string[]
  /** The end of what is shown, Unix milliseconds, and how long that is. */
  toMs: number
  lengthMs: number
}) {
  const until = url.text('until')
  return (
    <div className="filters">
      <fieldset className="segments">
        <legend className="sr-only">Length of time</legend>
        {Object.keys(RANGES).map((name) => (
          <button
            key={name}
            type="button"
            className="button small"
            aria-pressed={rangeOf(url.text('range')) === name}
            onClick={() => set({ range: name })}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <span className="row">
        <button
          type="button"
          className="icon-button"
          aria-label="Earlier"
          onClick={() => set({ until: String(toMs - lengthMs / 2) })}
        >
          <Icon name="chevron-left" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label="Later"
          disabled={until === undefined}
          onClick={() => set({ until: toMs + lengthMs / 2 >= nowMs() ? '' : String(toMs + lengthMs / 2) })}
        >
          <Icon name="chevron-right" />
        </button>
        {until === undefined ? (
          <span className="dim">until now</span>
        ) : (
          <button type="button" className="button small" onClick={() => set({ until: '' })}>
            until {formatTime(toMs, nowMs())}: to now
          </button>
        )}
      </span>
      <Choice label="Camera" name="camera" options={cameras} value={url.text('camera')} onSet={set} />
      <Choice
        label="Severity"
        name="severity"
        options={SEVERITIES}
        value={url.text('severity')}
        onSet={set}
      />
      <Choice label="Rule" name="rule" options={rules} value={url.text('rule')} onSet={set} />
      <label className="row check">
        <input
          type="checkbox"
          checked={url.text('seen') === 'no'}
          onChange={(event) => set({ seen: event.target.checked ? 'no' : '' })}
        />
        only what I have not reviewed
      </label>
    </div>
  )
}

/** One of several, or any. */
export function Choice<Name extends 'camera' | 'severity' | 'rule'>({
  label,
  name,
  options,
  value,
  onSet,
}: {
  label: string
  name: Name
  options: readonly string[]
  value: string | undefined
  onSet: (change: Partial<Record<Name, string>>) => void
}) {
  return (
    <select
      className="input"
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onSet({ [name]: event.target.value } as Partial<Record<Name, string>>)}
    >
      <option value="">Any {label.toLowerCase()}</option>
      {options.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </select>
  )
}
