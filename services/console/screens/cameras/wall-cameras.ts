import type { TaskSummary } from '#schemas/task.ts'

/** What stands on the wall: a camera, and the monitor that watches it. */
export interface WallCamera {
  readonly camera: string
  readonly monitor: string
  readonly createdAtMs: number
}

/**
 * The running monitors as cameras. Of two that watch the same one, the newer counts: the other one ends.
 * @param nameOf the name of a monitor's camera, where it is known already
 */
export function wallCameras(
  running: readonly Pick<TaskSummary, 'id' | 'createdAtMs'>[],
  nameOf: (monitor: string) => string | undefined,
): WallCamera[] {
  const found = new Map<string, WallCamera>()
  for (const { id, createdAtMs } of running) {
    const camera = nameOf(id)
    if (camera === undefined) continue
    const other = found.get(camera)
    if (!other || other.createdAtMs < createdAtMs) found.set(camera, { camera, monitor: id, createdAtMs })
  }
  return [...found.values()]
}
