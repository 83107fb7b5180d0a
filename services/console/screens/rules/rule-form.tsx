import type { ReactNode } from 'react'
import { SEVERITIES } from '#schemas/severities.ts'
import { OBJECT_CLASSES, type Schedule, type WatchRule } from '#schemas/watch-rule.ts'
import { Icon } from '../../components/icon.tsx'
import type { Draft } from './draft.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const DIRECTIONS = ['any', 'left-to-right', 'right-to-left'] as const

/** One rule, field by field. */
export function RuleForm({
  rule,
  draft,
  faults,
  onChange,
  onRemove,
}: {
  rule: WatchRule
  draft: Draft
  faults: readonly string[]
  onChange: (rule: WatchRule) => void
  onRemove: () => void
}) {
  const set = (fields: object) => onChange({ ...rule, ...fields } as WatchRule)
  return (
    <details className="rule card" open>
      <summary>
        <strong>{rule.id}</strong> <span className="dim">{rule.kind}</span>
        {faults.length > 0 && <span className="field-error">refused</span>}
      </summary>
      <div className="rule-fields">
        <Field label="Name">
          <input value={rule.id} maxLength={64} onChange={(event) => set({ id: event.target.value })} />
        </Field>
        <Field label="Severity">
          <select value={rule.severity} onChange={(event) => set({ severity: event.target.value })}>
            {SEVERITIES.map((severity) => (
              <option key={severity}>{severity}</option>
            ))}
          </select>
        </Field>
        {(rule.kind === 'crowd' || rule.kind === 'intrusion' || rule.kind === 'loitering') && (
          <Field label="Zone">
            <select
              value={rule.zone ?? ''}
              onChange={(event) => set({ zone: event.target.value || undefined })}
            >
              <option value="">{rule.kind === 'crowd' ? 'the whole picture' : 'Choose…'}</option>
              {draft.zones.map(({ id }) => (
                <option key={id}>{id}</option>
              ))}
            </select>
          </Field>
        )}
        {rule.kind === 'line-crossing' && (
          <>
            <Field label="Line">
              <select value={rule.line} onChange={(event) => set({ line: event.target.value })}>
                <option value="">Choose…</option>
                {draft.lines.map(({ id }) => (
                  <option key={id}>{id}</option>
                ))}
              </select>
            </Field>
            <Field label="Direction">
              <select value={rule.direction} onChange={(event) => set({ direction: event.target.value })}>
                {DIRECTIONS.map((direction) => (
                  <option key={direction}>{direction}</option>
                ))}
              </select>
            </Field>
          </>
        )}
        {rule.kind === 'crowd' && (
          <>
            <NumberField label="At least" value={rule.minCount} onSet={(minCount) => set({ minCount })} />
            <NumberField
              label="For (s)"
              value={rule.holdMs / 1000}
              onSet={(s) => set({ holdMs: s * 1000 })}
            />
          </>
        )}
        {rule.kind === 'loitering' && (
          <NumberField
            label="Stays (s)"
            value={rule.dwellMs / 1000}
            onSet={(s) => set({ dwellMs: s * 1000 })}
          />
        )}
        {!('classes' in rule) ? (
          <NumberField
            label="After (s)"
            value={rule.afterMs / 1000}
            onSet={(s) => set({ afterMs: s * 1000 })}
          />
        ) : (
          <fieldset className="choices">
            <legend>Of</legend>
            {OBJECT_CLASSES.map((kind) => (
              <label key={kind} className="row check">
                <input
                  type="checkbox"
                  checked={rule.classes.includes(kind)}
                  onChange={(event) =>
                    set({
                      classes: OBJECT_CLASSES.filter((each) =>
                        each === kind ? event.target.checked : rule.classes.includes(each),
                      ),
                    })
                  }
                />
                {kind}s
              </label>
            ))}
          </fieldset>
        )}
        <NumberField
          label="Told again after (s)"
          value={rule.cooldownMs / 1000}
          onSet={(s) => set({ cooldownMs: s * 1000 })}
        />
        <ScheduleFields schedule={rule.schedule} onSet={(schedule) => set({ schedule })} />
        {faults.map((fault) => (
          <p key={fault} className="field-error wide">
            {fault}
          </p>
        ))}
        <button type="button" className="button small wide" onClick={onRemove}>
          <Icon name="x" /> Remove {rule.id}
        </button>
      </div>
    </details>
  )
}

function ScheduleFields({
  schedule,
  onSet,
}: {
  schedule: Schedule | undefined
  onSet: (schedule: Schedule | undefined) => void
}) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return (
    <fieldset className="choices wide">
      <legend>When</legend>
      <label className="row check">
        <input
          type="checkbox"
          checked={schedule !== undefined}
          onChange={(event) =>
            onSet(
              event.target.checked ? { from: '22:00', to: '06:00', timeZone: timeZone || 'UTC' } : undefined,
            )
          }
        />
        at certain times only
      </label>
      {schedule && (
        <>
          <input
            type="time"
            className="input"
            aria-label="From"
            value={schedule.from}
            onChange={(event) => onSet({ ...schedule, from: event.target.value })}
          />
          <input
            type="time"
            className="input"
            aria-label="To"
            value={schedule.to}
            onChange={(event) => onSet({ ...schedule, to: event.target.value })}
          />
          <input
            className="input zone-name"
            aria-label="Time zone"
            value={schedule.timeZone}
            onChange={(event) => onSet({ ...schedule, timeZone: event.target.value })}
          />
          {DAYS.map((day) => (
            <label key={day} className="row check">
              <input
                type="checkbox"
                checked={schedule.days?.includes(day) ?? true}
                onChange={(event) => {
                  const before = schedule.days ?? [...DAYS]
                  const days = DAYS.filter((each) =>
                    each === day ? event.target.checked : before.includes(each),
                  )
                  const { days: _, ...others } = schedule
                  onSet(days.length === DAYS.length ? others : { ...others, days })
                }}
              />
              {day}
            </label>
          ))}
        </>
      )}
    </fieldset>
  )
}

function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="field">
      <span>{label}</span>
      {children}
    </label>
  )
}

function NumberField({
  label,
  value,
  onSet,
}: {
  label: string
  value: number
  onSet: (value: number) => void
}) {
  return (
    <Field label={label}>
      <input
        type="number"
        min={0}
        step="any"
        value={Number.isNaN(value) ? '' : value}
        onChange={(event) => onSet(event.target.value === '' ? Number.NaN : Number(event.target.value))}
      />
    </Field>
  )
}
