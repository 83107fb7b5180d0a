import type { CameraView, CameraViewStatus } from '#schemas/camera-view.ts'

/** States of cameras in the order in which they are told: those with pictures first. */
export const CAMERA_STATUSES = [
  'live',
  'lagging',
  'blind',
  'connecting',
  'offline',
  'unwatched',
  'waiting',
  'ended',
] as const satisfies readonly CameraViewStatus[]

/**
 * A place on the wall for each camera. While two tasks have one of the same name, as when the one takes over from the other, the one that has
 * pictures counts. Pure.
 */
export function wallCameras(views: readonly CameraView[]): CameraView[] {
  const found = new Map<string, CameraView>()
  const rank = ({ status }: CameraView) => CAMERA_STATUSES.indexOf(status)
  for (const view of views) {
    const other = found.get(view.camera)
    if (!other || rank(view) < rank(other)) found.set(view.camera, view)
  }
  return [...found.values()]
}

/** How many cameras are in each state that one is in. Pure. */
export function countByStatus(views: readonly CameraView[]): [status: CameraViewStatus, count: number][] {
  return CAMERA_STATUSES.map((status): [CameraViewStatus, number] => [
    status,
    views.filter((view) => view.status === status).length,
  ]).filter(([, count]) => count > 0)
}
