import { useState } from 'react'
import type { Schedule } from '#schemas/schedule.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { toast } from '../../components/toasts.tsx'
import type { Action } from '../../data/commands.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { NextRuns } from './next-runs.tsx'
import { CATCH_UP, OVERLAP } from './schedule-choices.ts'
import { emptyForm, formOf, requestOf, type ScheduleForm, timetableOf } from './schedule-form.ts'
import { usePreview, useScheduleActions } from './use-schedules.ts'

/** Makes a schedule, or changes one, and says when it would run while that is typed. */
export function ScheduleDialog({ schedule, onClose }: { schedule?: Schedule; onClose: () => void }) {
  const [form, setForm] = useState<ScheduleForm>(() =>
    schedule ? formOf(schedule) : emptyForm(Intl.DateTimeFormat().resolvedOptions().timeZone),
  )
  const [isAsked, setAsked] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemError>()
  const { put } = useScheduleActions()
  const { request, faults = {} } = requestOf(form)
  const change = (part: Partial<ScheduleForm>) => setForm({ ...form, ...part })
  const save = async () => {
    setAsked(true)
    if (!request) return
    setBusy(true)
    setProblem(undefined)
    try {
      const created = await put(request)
      toast({ title: `${form.name} is ${created ? 'made' : 'changed'}` })
      onClose()
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(false)
    }
  }
  const faultOf = (name: string) => (isAsked && faults[name] ? faults[name] : undefined)
  return (
    <Dialog title={schedule ? `Change ${schedule.name}` : 'New schedule'} onClose={onClose} size="wide">
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <div className="schedule-columns">
          <div className="stack">
            <Field label="Name" fault={faultOf('name')}>
              <input
                value={form.name}
                disabled={schedule !== undefined}
                onChange={({ target }) => change({ name: target.value })}
              />
            </Field>
            <fieldset className="schedule-when">
              <legend>Runs</legend>
              <div className="row">
                <label className="row">
                  <input
                    type="radio"
                    name="when"
                    checked={form.when === 'cron'}
                    onChange={() => change({ when: 'cron' })}
                  />
                  by a cron
                </label>
                <label className="row">
                  <input
                    type="radio"
                    name="when"
                    checked={form.when === 'every'}
                    onChange={() => change({ when: 'every' })}
                  />
                  at an interval
                </label>
              </div>
              {form.when === 'cron' ? (
                <input
                  className="input mono"
                  aria-label="Cron"
                  spellCheck={false}
                  value={form.cron}
                  onChange={({ target }) => change({ cron: target.value })}
                />
              ) : (
                <div className="row">
                  <span>every</span>
                  <input
                    className="input schedule-every"
                    inputMode="numeric"
                    aria-label="How many"
                    value={form.every}
                    onChange={({ target }) => change({ every: target.value })}
                  />
                  <select
                    className="input"
                    aria-label="Unit"
                    value={form.unit}
                    onChange={({ target }) => change({ unit: target.value as ScheduleForm['unit'] })}
                  >
                    <option value="s">seconds</option>
                    <option value="min">minutes</option>
                    <option value="h">hours</option>
                    <option value="d">days</option>
                  </select>
                </div>
              )}
              {faultOf('when') && <span className="field-error">{faultOf('when')}</span>}
            </fieldset>
            <Field label="Time zone">
              <input
                list="time-zones"
                value={form.timezone}
                onChange={({ target }) => change({ timezone: target.value })}
              />
            </Field>
            <datalist id="time-zones">
              {Intl.supportedValuesOf('timeZone').map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
            <Preview form={form} />
          </div>
          <div className="stack">
            <Field label="Type of its tasks" fault={faultOf('type')}>
              <input value={form.type} onChange={({ target }) => change({ type: target.value })} />
            </Field>
            <Field label="What each submits (JSON)" fault={faultOf('submission')}>
              <textarea
                rows={9}
                spellCheck={false}
                value={form.submission}
                onChange={({ target }) => change({ submission: target.value })}
              />
            </Field>
            <Choice
              label="While the last one runs"
              choices={OVERLAP}
              value={form.overlap}
              onChange={(overlap) => change({ overlap })}
            />
            <Choice
              label="Runs that came too late"
              choices={CATCH_UP}
              value={form.catchUp}
              onChange={(catchUp) => change({ catchUp })}
            />
          </div>
        </div>
        {problem && <ErrorPanel problem={problem} />}
        {request && (
          <AsCommand
            action={{
              ...putCommand(request),
              rest: { method: 'POST', path: '/v1/schedules', body: request },
              nats: { subject: 'murmur.schedules.put', body: request },
            }}
          />
        )}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Back
          </button>
          <button type="submit" className="button primary" disabled={isBusy}>
            {isBusy ? 'Working…' : schedule ? 'Change' : 'Make it'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function Preview({ form }: { form: ScheduleForm }) {
  const { data, error, isFetching } = usePreview(timetableOf(form))
  const problem = error ? toProblemError(error) : undefined
  return (
    <div className="schedule-preview" role="status" aria-label="Next runs">
      <h3>Next runs</h3>
      {problem ? (
        <p className="field-error">{problem.issues[0]?.message ?? problem.message}</p>
      ) : data ? (
        data.length === 0 ? (
          <p className="field-error">It would never run.</p>
        ) : (
          <NextRuns runs={data} />
        )
      ) : (
        <p className="dim">{isFetching ? 'Looking…' : 'When it is said above'}</p>
      )}
    </div>
  )
}

function Field({
  label,
  fault,
  children,
}: {
  label: string
  fault?: string | undefined
  children: React.ReactNode
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is its child
    <label className="field">
      <span>{label}</span>
      {children}
      {fault && (
        <span className="field-error" role="alert">
          {fault}
        </span>
      )}
    </label>
  )
}

function Choice<Value extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  label: string
  choices: Readonly<Record<Value, string>>
  value: Value
  onChange: (value: Value) => void
}) {
  return (
    <label className="field">
      <span>{label}</span>
      <select value={value} onChange={({ target }) => onChange(target.value as Value)}>
        {Object.entries<string>(choices).map(([name, meaning]) => (
          <option key={name} value={name}>
            {name}: {meaning}
          </option>
        ))}
      </select>
    </label>
  )
}

function putCommand({ name, ...rest }: Record<string, unknown>): Pick<Action, 'murmur' | 'murmurInput'> {
  return { murmur: ['schedules', 'put', String(name), '-'], murmurInput: rest }
}
