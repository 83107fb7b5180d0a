import '../cameras/cameras.css'
import './rules.css'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { MonitorRequest } from '#schemas/monitor-request.ts'
import type { WatchRuleKind } from '#schemas/watch-rule.ts'
import { isTyping } from '../../app/shortcuts.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { toast } from '../../components/toasts.tsx'
import { toProblemError } from '../../data/problem.ts'
import { LivePicture } from '../cameras/live-picture.tsx'
import { useLiveCameras } from '../cameras/use-live-cameras.ts'
import { useMonitorRequest, useMonitorTask } from '../cameras/use-monitors.ts'
import {
  addShape,
  change,
  checkDraft,
  type Draft,
  historyOf,
  newRule,
  plain,
  redo,
  removeShape,
  renameShape,
  requestWith,
  type ShapeRef,
  turnLine,
  undo,
} from './draft.ts'
import { ReplayPanel } from './replay-panel.tsx'
import { RuleForm } from './rule-form.tsx'
import { saveRules } from './save-rules.ts'
import { noteOf, ShapeCanvas, type Tool } from './shape-canvas.tsx'
import { ShapeList } from './shape-list.tsx'

const TOOLS: readonly [tool: Tool, label: string][] = [
  ['select', 'Select'],
  ['zones', 'Draw a zone'],
  ['lines', 'Draw a line'],
  ['ignore', 'Draw a mask'],
]
const KINDS: readonly WatchRuleKind[] = [
  'intrusion',
  'loitering',
  'crowd',
  'line-crossing',
  'camera-offline',
  'camera-blind',
  'camera-lagging',
]

export default function RulesScreen({ params }: { params: Readonly<Record<string, string>> }) {
  const { data: request, error, refetch } = useMonitorRequest(params.id!)
  const { data: task } = useMonitorTask(params.id!)
  if (error)
    return (
      <div className="page">
        <ErrorPanel problem={toProblemError(error)} onRetry={() => void refetch()} />
      </div>
    )
  if (!request || !task) return <Loading label="Rules" />
  return (
    <RulesEditor
      key={params.id}
      monitor={params.id!}
      request={request}
      isRunning={task.finishedAtMs === undefined}
    />
  )
}

function RulesEditor({
  monitor,
  request,
  isRunning,
}: {
  monitor: string
  request: MonitorRequest
  isRunning: boolean
}) {
  const { camera } = request
  const client = useQueryClient()
  const [, navigate] = useLocation()
  const { cameras } = useLiveCameras([monitor])
  const [history, setHistory] = useState(() => historyOf(draftOf(request)))
  const draft = history.now
  const [tool, setTool] = useState<Tool>('select')
  const [current, setCurrent] = useState<ShapeRef>()
  const [isSnapping, setSnapping] = useState(true)
  const [note, setNote] = useState(noteOf('select', 0))
  const [isSaving, setSaving] = useState(false)
  const [stage, setStage] = useState('')
  const faults = useMemo(() => checkDraft(draft), [draft])
  const isChanged = history.past.length > 0
  const put = (next: Draft, isSameStep = false) => setHistory((before) => change(before, next, isSameStep))
  const choose = (next: Tool) => {
    setTool(next)
    setNote(noteOf(next, 0))
    if (next !== 'select') setCurrent(undefined)
  }
  const back = () => {
    setHistory(undo)
    setCurrent(undefined)
  }
  const forth = () => {
    setHistory(redo)
    setCurrent(undefined)
  }
  const keys = useRef({ back, forth })
  keys.current = { back, forth }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z' || isTyping(event.target))
        return
      event.preventDefault()
      event.shiftKey ? keys.current.forth() : keys.current.back()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  // What was drawn is not lost by a slip.
  useEffect(() => {
    if (!isChanged) return
    const onLeave = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', onLeave)
    return () => window.removeEventListener('beforeunload', onLeave)
  }, [isChanged])
  const faulty = faults.flatMap(({ of }) =>
    of && of.kind !== 'rules' ? [{ kind: of.kind, index: of.index }] : [],
  )
  const input = requestWith(request, draft)
  const json = JSON.stringify(plain(draft), null, 2)
  return (
    <div className="page">
      <PageHeader
        title={`Zones and rules of ${camera}`}
        meta={
          <>
            <Link href="/cameras">All cameras</Link>
            <Link href={`/cameras/${monitor}`}>{camera}</Link>
            <span>{isChanged ? 'changed, not saved' : 'as it is watched now'}</span>
          </>
        }
      >
        <button type="button" className="button" disabled={history.past.length === 0} onClick={back}>
          <Icon name="undo" /> Undo
        </button>
        <button type="button" className="button" disabled={history.future.length === 0} onClick={forth}>
          Redo
        </button>
        <button
          type="button"
          className="button primary"
          disabled={faults.length > 0 || (!isChanged && isRunning)}
          onClick={() => setSaving(true)}
        >
          <Icon name="check" /> Save
        </button>
      </PageHeader>
      <div className="camera-page editor">
        <div className="stack">
          <div className="row" role="toolbar" aria-label="Tools">
            {TOOLS.map(([name, label]) => (
              <button
                key={name}
                type="button"
                className="button small"
                aria-pressed={tool === name}
                onClick={() => choose(name)}
              >
                {label}
              </button>
            ))}
            <label className="row check">
              <input
                type="checkbox"
                checked={isSnapping}
                onChange={(event) => setSnapping(event.target.checked)}
              />
              snap
            </label>
          </div>
          <LivePicture monitor={monitor} camera={camera} cameras={cameras} size="large" isOn={isRunning}>
            <ShapeCanvas
              draft={draft}
              tool={tool}
              current={current}
              faulty={faulty}
              isSnapping={isSnapping}
              onSelect={setCurrent}
              onChange={put}
              onNote={setNote}
              onCancel={() => choose('select')}
              onDrawn={(kind, points) => {
                const added = addShape(draft, kind, points)
                put(added.draft)
                setTool('select')
                setCurrent(added.ref)
                setNote(noteOf('select', 0))
              }}
            />
          </LivePicture>
          <p className="dim" role="status">
            {note}
          </p>
          {faults
            .filter(({ of }) => of?.kind !== 'rules')
            .map(({ path, message }) => (
              <p key={path + message} className="field-error" role="alert">
                <code>{path}</code> {message}
              </p>
            ))}
          <ReplayPanel camera={camera} draft={draft} isValid={faults.length === 0} />
        </div>
        <aside className="stack">
          <ShapeList
            draft={draft}
            current={current}
            onSelect={setCurrent}
            onRename={(ref, id) => put(renameShape(draft, ref, id))}
            onRemove={(ref) => {
              put(removeShape(draft, ref))
              setCurrent(undefined)
            }}
            onTurn={(index) => put(turnLine(draft, index))}
          />
          <section className="stack" aria-label="Rules">
            <div className="row">
              <h2>Rules</h2>
              <span className="spring" />
              <select
                className="input"
                aria-label="Add a rule"
                value=""
                onChange={(event) =>
                  put({
                    ...draft,
                    rules: [...draft.rules, newRule(draft, event.target.value as WatchRuleKind)],
                  })
                }
              >
                <option value="">Add a rule…</option>
                {KINDS.map((kind) => (
                  <option key={kind}>{kind}</option>
                ))}
              </select>
            </div>
            {draft.rules.map((rule, index) => (
              <RuleForm
                // biome-ignore lint/suspicious/noArrayIndexKey: its name is edited in it
                key={index}
                rule={rule}
                draft={draft}
                faults={faults
                  .filter(({ of }) => of?.kind === 'rules' && of.index === index)
                  .map(({ message }) => message)}
                onChange={(next) => put({ ...draft, rules: draft.rules.with(index, next) })}
                onRemove={() => put({ ...draft, rules: draft.rules.toSpliced(index, 1) })}
              />
            ))}
          </section>
          <details className="card padded">
            <summary>As a rules file</summary>
            <div className="json-file">
              <CopyButton text={json} label="Copy the rules" />
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard */}
              <pre tabIndex={0}>{json}</pre>
            </div>
          </details>
          <AsCommand
            action={{
              murmur: ['submit', '-'],
              murmurInput: { type: 'monitor', input },
              rest: { method: 'POST', path: '/v1/monitors', body: input },
              nats: { subject: 'murmur.tasks.submit', body: { type: 'monitor', input } },
            }}
          />
        </aside>
      </div>
      {isSaving && (
        <ConfirmDialog
          title="Save the rules?"
          action={isRunning ? 'End and start anew' : 'Start'}
          onClose={() => setSaving(false)}
          onConfirm={async () => {
            const id = await saveRules({ monitor, isRunning, input }, setStage, new AbortController().signal)
            toast({ title: `${camera} is watched with the new rules` })
            await client.invalidateQueries({ queryKey: ['monitors'] })
            await client.invalidateQueries({ queryKey: ['cameras'] })
            setHistory(historyOf(draft))
            navigate(`/cameras/${id}`)
          }}
        >
          <p>
            {isRunning
              ? 'Rules belong to a monitor from its start on: the one that runs is ended in order, and another one begins with the new rules. For some seconds nobody watches.'
              : 'This monitor has ended: another one begins with these rules.'}
          </p>
          {stage && <p role="status">{stage}</p>}
        </ConfirmDialog>
      )}
    </div>
  )
}

function draftOf({ zones, lines, rules, ignore = [] }: MonitorRequest): Draft {
  return { zones, lines, rules, ignore }
}
