import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { AsCommand } from '../../components/as-command.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { toast } from '../../components/toasts.tsx'
import { api, ask } from '../../data/api.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { buildMonitorRequest, commandOf, EMPTY_MONITOR, type MonitorForm, SCENES } from './monitor-form.ts'

/** Starts a monitor: its source, its name, and what is watched for. */
export function StartDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [form, setForm] = useState<MonitorForm>(EMPTY_MONITOR)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemError>()
  const set = (change: Partial<MonitorForm>) => setForm((before) => ({ ...before, ...change }))
  const built = buildMonitorRequest(form)
  const start = async () => {
    if (!built.request) return
    setBusy(true)
    setProblem(undefined)
    try {
      await ask(api.POST('/v1/monitors', { body: built.request as never }))
      toast({ title: `${built.request.camera} is being watched` })
      await client.invalidateQueries({ queryKey: ['monitors'] })
      await client.invalidateQueries({ queryKey: ['cameras'] })
      onClose()
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title="Watch a camera" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void start()
        }}
      >
        <label className="field">
          <span>Source</span>
          <select
            value={form.kind}
            onChange={(event) => set({ kind: event.target.value as MonitorForm['kind'] })}
          >
            <option value="url">A camera or a stream (rtsp, http)</option>
            <option value="device">A device of the machine</option>
            <option value="scene">A rendered test scene</option>
          </select>
        </label>
        {form.kind === 'scene' ? (
          <label className="field">
            <span>Scene</span>
            <select value={form.scenario} onChange={(event) => set({ scenario: event.target.value })}>
              {SCENES.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        ) : (
          <label className="field">
            <span>{form.kind === 'url' ? 'Address' : 'Device'}</span>
            <input
              required
              value={form.address}
              spellCheck={false}
              autoCapitalize="none"
              placeholder={form.kind === 'url' ? 'rtsp://{cam-1}@192.0.2.10/stream1' : '/dev/video0'}
              onChange={(event) => set({ address: event.target.value })}
            />
            {form.kind === 'url' && (
              <span className="dim small">{'{cam-1} names a secret of the machine that captures.'}</span>
            )}
          </label>
        )}
        <div className="form-row">
          <label className="field">
            <span>Name of the camera</span>
            <input
              required
              maxLength={64}
              pattern="[A-Za-z0-9_\-]+"
              title="A-Z a-z 0-9 _ -"
              value={form.camera}
              placeholder="yard"
              onChange={(event) => set({ camera: event.target.value })}
            />
          </label>
          <label className="field">
            <span>Frames a second</span>
            <input
              type="number"
              min={0.1}
              max={60}
              step="any"
              value={form.fps}
              placeholder="10"
              onChange={(event) => set({ fps: event.target.value })}
            />
          </label>
        </div>
        <label className="field">
          <span>Zones, lines and rules (JSON, can be drawn later)</span>
          <textarea
            rows={4}
            value={form.rules}
            spellCheck={false}
            placeholder='{ "zones": [], "lines": [], "rules": [] }'
            onChange={(event) => set({ rules: event.target.value })}
          />
          {built.fault && <span className="field-error">{built.fault}</span>}
        </label>
        {problem && <ErrorPanel problem={problem} />}
        {built.request && (
          <AsCommand
            action={{
              murmur: commandOf(form),
              rest: { method: 'POST', path: '/v1/monitors', body: built.request },
              nats: { subject: 'murmur.tasks.submit', body: { type: 'monitor', input: built.request } },
            }}
          />
        )}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Back
          </button>
          <button type="submit" className="button primary" disabled={isBusy || !built.request}>
            {isBusy ? 'Starting…' : 'Watch'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
