import type { PaletteCommand } from '../../app/palette-command.ts'

export interface CameraActions {
  readonly open: (path: string) => void
  readonly stop: () => void
  readonly snooze: () => void
}

/** What the command palette offers of one camera that is watched. Pure but for what the commands do. */
export function cameraCommands(
  { camera, monitor }: { camera: string; monitor: string },
  { open, stop, snooze }: CameraActions,
): PaletteCommand[] {
  return [
    { label: `Open camera ${camera}`, icon: 'eye', run: () => open(`/cameras/${monitor}`) },
    { label: `Edit the rules of ${camera}`, icon: 'draw', run: () => open(`/cameras/${monitor}/rules`) },
    {
      label: `Review ${camera}`,
      icon: 'film',
      run: () => open(`/review?camera=${encodeURIComponent(camera)}`),
    },
    { label: `Snooze ${camera}`, icon: 'bell', run: snooze },
    { label: `Stop watching ${camera}`, icon: 'stop', run: stop },
  ]
}
