import { Link } from 'wouter'
import type { CameraView } from '#schemas/camera-view.ts'
import { Icon } from '../../components/icon.tsx'
import { nowMs } from '../../data/clock.ts'
import { CameraLine, CameraStatusBadge, CameraWarnings } from './camera-facts.tsx'
import { cameraNow } from './camera-now.ts'
import type { LiveCameras } from './live-cameras.ts'
import { LivePicture } from './live-picture.tsx'
import { useLiveCamera } from './use-live-cameras.ts'
import { useMonitorRequest } from './use-monitors.ts'

export interface TileActions {
  onDrag(camera: string | undefined): void
  onDrop(before: string): void
  onStep(camera: string, by: -1 | 1): void
  onGroup(camera: string, group: string): void
  onStop(item: CameraView): void
}

/** One camera of the wall. With Alt and an arrow it goes to another place. */
export function CameraTile({
  item,
  cameras,
  group,
  groups,
  isDragged,
  actions,
}: {
  item: CameraView
  cameras: LiveCameras
  group: string | undefined
  groups: readonly string[]
  isDragged: boolean
  actions: TileActions
}) {
  const { camera, monitor } = item
  const live = useLiveCamera(cameras, monitor)
  const now = cameraNow(item, live, nowMs())
  const { data: request } = useMonitorRequest(monitor)
  const shapes = request && { zones: request.zones, lines: request.lines, ignore: request.ignore ?? [] }
  return (
    <li
      className="tile card"
      data-camera={camera}
      data-status={now?.status}
      data-dragged={isDragged || undefined}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', camera)
        actions.onDrag(camera)
      }}
      onDragEnd={() => actions.onDrag(undefined)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        event.stopPropagation()
        actions.onDrop(camera)
      }}
      onKeyDown={(event) => {
        if (!event.altKey || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return
        event.preventDefault()
        actions.onStep(camera, event.key === 'ArrowLeft' ? -1 : 1)
      }}
    >
      <Link href={`/cameras/${monitor}`} className="tile-picture" draggable={false}>
        <span className="sr-only">Open {camera}</span>
        <LivePicture
          monitor={monitor}
          camera={camera}
          cameras={cameras}
          view={item}
          size="tile"
          {...(shapes && { shapes })}
        />
      </Link>
      <div className="tile-foot">
        <span className="tile-name">
          <strong>{camera}</strong>
          <CameraStatusBadge view={now} />
        </span>
        <CameraLine view={now} live={live} />
        <CameraWarnings view={now} isShort />
        <details className="tile-menu">
          <summary className="icon-button" aria-label={`Actions for ${camera}`}>
            <Icon name="dots" />
          </summary>
          <div className="tile-menu-body card">
            <Link href={`/cameras/${monitor}`} className="menu-row">
              <Icon name="eye" /> Open
            </Link>
            <Link href={`/cameras/${monitor}/rules`} className="menu-row">
              <Icon name="draw" /> Zones and rules
            </Link>
            <Link href={`/review?camera=${encodeURIComponent(camera)}`} className="menu-row">
              <Icon name="film" /> Review
            </Link>
            <button type="button" className="menu-row" onClick={() => actions.onStep(camera, -1)}>
              <Icon name="chevron-left" /> Move earlier
            </button>
            <button type="button" className="menu-row" onClick={() => actions.onStep(camera, 1)}>
              <Icon name="chevron-right" /> Move later
            </button>
            <label className="field menu-group">
              <span>Group</span>
              <input
                key={group}
                list="camera-groups"
                maxLength={60}
                defaultValue={group ?? ''}
                placeholder={groups[0] ?? 'none'}
                onBlur={(event) => actions.onGroup(camera, event.target.value)}
                onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
              />
            </label>
            <button type="button" className="menu-row" onClick={() => actions.onStop(item)}>
              <Icon name="stop" /> Stop
            </button>
          </div>
        </details>
      </div>
    </li>
  )
}
