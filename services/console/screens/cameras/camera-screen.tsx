import './cameras.css'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { Alert } from '#schemas/alert.ts'
import type { CameraView } from '#schemas/camera-view.ts'
import type { WatchRule } from '#schemas/watch-rule.ts'
import { usePaletteCommands } from '../../app/page-commands.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { api, ask } from '../../data/api.ts'
import { nowMs } from '../../data/clock.ts'
import { toProblemError } from '../../data/problem.ts'
import { usePerson } from '../inbox/use-person.ts'
import { SnoozeDialog } from '../review/snooze-dialog.tsx'
import { CameraDashboard } from '../system/dashboards.tsx'
import { cameraCommands } from './camera-commands.ts'
import { CameraFacts, CameraStatusBadge } from './camera-facts.tsx'
import { cameraNow } from './camera-now.ts'
import type { LiveCameras } from './live-cameras.ts'
import { LivePicture } from './live-picture.tsx'
import { NO_SHAPES } from './overlay.tsx'
import { describeRule } from './rule-words.ts'
import { SeverityBadge } from './severity.tsx'
import { StopDialog } from './stop-dialog.tsx'
import { useCameras } from './use-cameras.ts'
import { useLiveCamera, useLiveCameras } from './use-live-cameras.ts'
import { useMonitorRequest, useMonitorTask } from './use-monitors.ts'

/** One camera: its picture, what is drawn over it, how it is, what it is watched for and what that raised. */
export default function CameraScreen({ params }: { params: Readonly<Record<string, string>> }) {
  const monitor = params.id!
  const { cameras } = useLiveCameras([monitor])
  const task = useMonitorTask(monitor)
  const { data: request, error } = useMonitorRequest(monitor)
  const list = useCameras(request?.camera ?? '')
  const [drawn, setDrawn] = useState({ zones: true, tracks: true })
  const [isStopping, setStopping] = useState(false)
  const [isSnoozing, setSnoozing] = useState(false)
  const { person } = usePerson()
  const [, navigate] = useLocation()
  const isRunning = task.data !== undefined && task.data.finishedAtMs === undefined
  usePaletteCommands(
    request && isRunning
      ? cameraCommands(
          { camera: request.camera, monitor },
          { open: navigate, stop: () => setStopping(true), snooze: () => setSnoozing(true) },
        )
      : [],
  )
  if (error)
    return (
      <div className="page">
        <ErrorPanel problem={toProblemError(error)} onRetry={() => void task.refetch()} />
      </div>
    )
  if (!request || !task.data) return <Loading label="Camera" />
  const { camera, zones, lines, rules, ignore = [] } = request
  const { status, type } = task.data
  if (type !== 'monitor') return <EmptyState title="This task is no monitor">It is a {type}.</EmptyState>
  const isOn = task.data.finishedAtMs === undefined
  const view = list.data?.cameras.find((each) => each.monitor === monitor)
  const about = { cameras, monitor, view }
  return (
    <div className="page">
      <PageHeader
        tab={camera}
        title={
          <>
            {camera} {isOn ? <LiveStatus {...about} /> : <StatusBadge status={status} />}
          </>
        }
        meta={
          <>
            <Link href="/cameras">All cameras</Link>
            <span>
              watched since <RelativeTime atMs={task.data.createdAtMs} />
            </span>
            <Link href={`/tasks/${monitor}`} className="mono">
              {monitor}
            </Link>
          </>
        }
      >
        <CameraDashboard camera={camera} />
        <Link href={`/review?camera=${encodeURIComponent(camera)}`} className="button">
          <Icon name="film" /> Review
        </Link>
        <Link href={`/cameras/${monitor}/rules`} className="button">
          <Icon name="draw" /> Zones and rules
        </Link>
        {isOn && (
          <button type="button" className="button" onClick={() => setStopping(true)}>
            <Icon name="stop" /> Stop
          </button>
        )}
      </PageHeader>
      <div className="camera-page">
        <div className="stack">
          <LivePicture
            monitor={monitor}
            camera={camera}
            cameras={cameras}
            view={view}
            size="large"
            isOn={isOn}
            withTracks={drawn.tracks}
            shapes={drawn.zones ? { zones, lines, ignore } : NO_SHAPES}
          />
          <div className="row">
            {(['zones', 'tracks'] as const).map((name) => (
              <button
                key={name}
                type="button"
                className="button small"
                aria-pressed={drawn[name]}
                onClick={() => setDrawn({ ...drawn, [name]: !drawn[name] })}
              >
                {name === 'zones' ? 'Zones and lines' : 'Objects'}
              </button>
            ))}
            <span className="dim small">Pictures come seldom while nothing moves.</span>
          </div>
        </div>
        <aside className="stack">
          <section className="card padded stack" aria-label="How it is">
            <LiveFacts {...about} />
          </section>
          <section className="card padded stack" aria-label="Rules">
            <h2>Watched for</h2>
            {rules.length === 0 && (
              <p className="dim">Nothing yet: draw zones and lines, and give them rules.</p>
            )}
            <ul className="plain">
              {rules.map((rule: WatchRule) => (
                <li key={rule.id}>
                  <SeverityBadge severity={rule.severity} /> <strong>{rule.id}</strong>{' '}
                  <span className="dim">{describeRule(rule)}</span>
                </li>
              ))}
            </ul>
          </section>
          <MonitorAlerts monitor={monitor} />
          <AsCommand
            action={{
              murmur: ['look', monitor],
              rest: { method: 'GET', path: `/v1/monitors/${monitor}/frame` },
            }}
          />
        </aside>
      </div>
      {isSnoozing && (
        <SnoozeDialog camera={camera} rule={undefined} person={person} onClose={() => setSnoozing(false)} />
      )}
      {isStopping && <StopDialog item={{ camera, monitor }} onClose={() => setStopping(false)} />}
    </div>
  )
}

interface AboutCamera {
  cameras: LiveCameras
  monitor: string
  /** What the list of cameras says of it. */
  view: CameraView | undefined
}

function LiveStatus({ cameras, monitor, view }: AboutCamera) {
  return <CameraStatusBadge view={cameraNow(view, useLiveCamera(cameras, monitor), nowMs())} />
}

function LiveFacts({ cameras, monitor, view }: AboutCamera) {
  const live = useLiveCamera(cameras, monitor)
  return <CameraFacts view={cameraNow(view, live, nowMs())} live={live} />
}

const REFRESH_MS = 5000

function MonitorAlerts({ monitor }: { monitor: string }) {
  const { data } = useQuery({
    queryKey: ['alerts', 'of', monitor],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const query = { monitor, limit: 8 }
      const { alerts } = await ask(api.GET('/v1/alerts', { params: { query }, signal }))
      return (alerts ?? []) as Alert[]
    },
  })
  return (
    <section className="card padded stack" aria-label="Alerts">
      <h2>Alerts</h2>
      {data?.length === 0 && <p className="dim">None yet.</p>}
      <ul className="plain">
        {data?.map(({ id, severity, message, atMs, review }) => (
          <li key={id}>
            <SeverityBadge severity={severity} />{' '}
            <Link href={review ? `/review?item=${review}` : '/review'}>{message}</Link>{' '}
            <span className="dim">
              <RelativeTime atMs={atMs} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
