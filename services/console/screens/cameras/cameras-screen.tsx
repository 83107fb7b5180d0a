import './cameras.css'
import { useQueries } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { CameraView } from '#schemas/camera-view.ts'
import type { TaskSummary } from '#schemas/task.ts'
import { usePaletteCommands } from '../../app/page-commands.ts'
import { keep, readKept } from '../../app/theme.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { toProblemError } from '../../data/problem.ts'
import { useUrlState } from '../../data/url-state.ts'
import { usePerson } from '../inbox/use-person.ts'
import { SnoozeDialog } from '../review/snooze-dialog.tsx'
import { cameraCommands } from './camera-commands.ts'
import { CameraTile, type TileActions } from './camera-tile.tsx'
import { StartDialog } from './start-dialog.tsx'
import { StopDialog } from './stop-dialog.tsx'
import { useCameras } from './use-cameras.ts'
import { useLiveCameras } from './use-live-cameras.ts'
import { monitorRequestQuery, useEndedMonitors } from './use-monitors.ts'
import { CAMERA_STATUSES, countByStatus, wallCameras } from './wall-cameras.ts'
import {
  grouped,
  moveCamera,
  readLayout,
  setGroup,
  stepCamera,
  WALL_SIZES,
  type WallLayout,
} from './wall-layout.ts'

const KEY = 'murmur.wall'

export default function CamerasScreen() {
  const [url, setUrl] = useUrlState(['group', 'status', 'camera'])
  const { cameras, live } = useLiveCameras()
  const { data, error, isPending, refetch } = useCameras()
  const { data: ended = [] } = useEndedMonitors()
  const items = wallCameras(data?.cameras ?? [])
  const counts = countByStatus(items)
  const status = CAMERA_STATUSES.find((each) => each === url.text('status'))
  const [layout, setLayout] = useState<WallLayout>(() => readLayout(readKept(KEY)))
  const [dragged, setDragged] = useState<string>()
  const [isStarting, setStarting] = useState(false)
  const [stopping, setStopping] = useState<CameraView>()
  const [snoozing, setSnoozing] = useState<CameraView>()
  const { person } = usePerson()
  const [, navigate] = useLocation()
  usePaletteCommands([
    { label: 'Watch a camera', icon: 'plus', run: () => setStarting(true) },
    ...items.flatMap((item) =>
      cameraCommands(item, {
        open: navigate,
        stop: () => setStopping(item),
        snooze: () => setSnoozing(item),
      }),
    ),
  ])
  const change = (next: WallLayout) => {
    keep(KEY, JSON.stringify(next))
    setLayout(next)
  }
  const all = grouped(items, layout)
  const camera = url.text('camera')
  const isShown = (item: CameraView) =>
    (status === undefined || item.status === status) && (camera === undefined || item.camera === camera)
  const groups = all.flatMap(({ group }) => group ?? [])
  const only = url.text('group')
  const sections = all.filter(
    ({ group, items: of }) => (only === undefined || group === only) && of.some(isShown),
  )
  const shown = all.flatMap((section) => section.items.map(({ camera }) => camera))
  const drop = (before: string | undefined, group: string | undefined) => {
    if (dragged !== undefined && dragged !== before)
      change(moveCamera(layout, shown, { camera: dragged, before, group }))
    setDragged(undefined)
  }
  const actions: TileActions = {
    onDrag: setDragged,
    onDrop: (before) => drop(before, layout.groups[before]),
    onStep: (camera, by) => change(stepCamera(layout, shown, { camera, by })),
    onGroup: (camera, group) =>
      group !== (layout.groups[camera] ?? '') && change(setGroup(layout, camera, group)),
    onStop: setStopping,
  }
  return (
    <div className="page">
      <PageHeader
        title="Cameras"
        meta={
          <>
            <span className="number">
              {items.length} {items.length === 1 ? 'camera' : 'cameras'}
            </span>
            {data && data.total > data.cameras.length && (
              <span>the first {data.cameras.length} are shown</span>
            )}
            {live === 'broken' && <span>shown as they were: reconnecting</span>}
          </>
        }
      >
        <fieldset className="segments">
          <legend className="sr-only">Size of the pictures</legend>
          {WALL_SIZES.map((size) => (
            <button
              key={size}
              type="button"
              className="button"
              aria-pressed={layout.size === size}
              aria-label={`${size} pictures`}
              onClick={() => change({ ...layout, size })}
            >
              {size[0]!.toUpperCase()}
            </button>
          ))}
        </fieldset>
        <button type="button" className="button primary" onClick={() => setStarting(true)}>
          <Icon name="plus" /> Watch a camera
        </button>
      </PageHeader>
      {(counts.length > 1 || status) && (
        <nav className="row" aria-label="States">
          {([undefined, ...counts] as const).map((each) => (
            <button
              key={each?.[0] ?? ''}
              type="button"
              className="button small"
              aria-pressed={status === each?.[0]}
              onClick={() => setUrl({ status: each?.[0] })}
            >
              {each ? `${each[0]} ${each[1]}` : 'Any state'}
            </button>
          ))}
        </nav>
      )}
      {camera !== undefined && (
        <button type="button" className="button small" onClick={() => setUrl({ camera: undefined })}>
          <Icon name="x" /> Only {camera}: show all
        </button>
      )}
      {groups.length > 0 && (
        <nav className="row" aria-label="Groups">
          {[undefined, ...groups].map((group) => (
            <button
              key={group ?? ''}
              type="button"
              className="button small"
              aria-pressed={only === group}
              onClick={() => setUrl({ group })}
            >
              {group ?? 'All'}
            </button>
          ))}
        </nav>
      )}
      <datalist id="camera-groups">
        {groups.map((group) => (
          <option key={group} value={group} />
        ))}
      </datalist>
      {error && !data && <ErrorPanel problem={toProblemError(error)} onRetry={() => void refetch()} />}
      {isPending && !error && <Loading label="Cameras" />}
      {items.length > 0 && sections.length === 0 && (
        <EmptyState title="No camera is like that" icon="camera">
          <button
            type="button"
            className="link"
            onClick={() => setUrl({ status: undefined, group: undefined, camera: undefined })}
          >
            Show all
          </button>
        </EmptyState>
      )}
      {data && items.length === 0 && (
        <EmptyState title="No camera is watched" icon="camera">
          <button type="button" className="link" onClick={() => setStarting(true)}>
            Watch one
          </button>
          , or run <code>murmur monitor rtsp://…</code>. <code>scene:yard</code> is a rendered one to try
          things on.
        </EmptyState>
      )}
      {sections.map(({ group, items: of }) => (
        <section
          key={group ?? ''}
          className="wall-group"
          aria-label={group ?? 'Without a group'}
          onDragOver={(event) => event.preventDefault()}
          onDrop={() => drop(undefined, group)}
        >
          {groups.length > 0 && <h2>{group ?? 'Others'}</h2>}
          <ul className={`wall ${layout.size}`}>
            {of.filter(isShown).map((item) => (
              <CameraTile
                key={`${item.monitor}/${item.camera}`}
                item={item}
                cameras={cameras}
                group={group}
                groups={groups}
                isDragged={dragged === item.camera}
                actions={actions}
              />
            ))}
          </ul>
        </section>
      ))}
      {ended.length > 0 && <EndedMonitors ended={ended.slice(0, 8)} />}
      {isStarting && <StartDialog onClose={() => setStarting(false)} />}
      {snoozing && (
        <SnoozeDialog
          camera={snoozing.camera}
          rule={undefined}
          person={person}
          onClose={() => setSnoozing(undefined)}
        />
      )}
      {stopping && <StopDialog item={stopping} onClose={() => setStopping(undefined)} />}
    </div>
  )
}

/** The names of the cameras of monitors, as far as they are known. */
function useCameraNames(monitors: readonly string[]): ReadonlyMap<string, string> {
  const answers = useQueries({ queries: monitors.map(monitorRequestQuery) })
  const key = answers.map(({ data }) => data?.camera ?? '').join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that is read
  return useMemo(
    () =>
      new Map(
        monitors.flatMap((monitor, at) => (answers[at]?.data ? [[monitor, answers[at].data.camera]] : [])),
      ),
    [key, monitors.join(' ')],
  )
}

function EndedMonitors({ ended }: { ended: readonly TaskSummary[] }) {
  const names = useCameraNames(ended.map(({ id }) => id))
  return (
    <details className="card padded ended">
      <summary>Ended lately ({ended.length})</summary>
      <ul>
        {ended.map(({ id, status, finishedAtMs }) => (
          <li key={id} className="row">
            <Link href={`/cameras/${id}`}>
              <strong>{names.get(id) ?? id}</strong>
            </Link>
            <StatusBadge status={status} />
            {finishedAtMs !== undefined && (
              <span className="dim">
                <RelativeTime atMs={finishedAtMs} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}
