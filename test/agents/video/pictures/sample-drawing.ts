import { createHash } from 'node:crypto'
import { drawOverlay } from '../../../../services/agents/video/pictures/overlay.ts'
import type { OverlayScene } from '../../../../services/agents/video/pictures/overlay-scene.ts'

/** A scene with everything that can be drawn. */
export const SCENE: OverlayScene = {
  zones: [
    {
      id: 'gate',
      polygon: [
        [0.05, 0.5],
        [0.4, 0.45],
        [0.45, 0.9],
        [0.1, 0.95],
      ],
      active: true,
    },
  ],
  lines: [{ id: 'kerb', from: [0.5, 0.95], to: [0.9, 0.7], direction: 'left-to-right' }],
  boxes: [
    { box: [0.2, 0.4, 0.3, 0.75], class: 'person', label: 'person 3 · 83 %', active: true },
    { box: [0.6, 0.4, 0.8, 0.6], class: 'vehicle', label: 'car 2 · 94 %' },
    { box: [0.9, 0.5, 0.95, 0.7], class: 'person', label: 'person 9 · 41 %', predicted: true },
  ],
  caption: { title: 'Person entered gate', details: ['yard', 'night-access'], severity: 'critical' },
}

export const GREY = { width: 320, height: 240, rgb: new Uint8Array(320 * 240 * 3).fill(90) }

/** A picture of one colour in yuv420p. */
export function plain(width: number, height: number, [y, u, v]: [number, number, number]) {
  const chroma = ((width + 1) >> 1) * ((height + 1) >> 1)
  const yuv420p = new Uint8Array(width * height + 2 * chroma)
  yuv420p.fill(y, 0, width * height)
  yuv420p.fill(u, width * height, width * height + chroma)
  yuv420p.fill(v, width * height + chroma)
  return { width, height, yuv420p }
}

// Called as a program it prints what came out, to be compared with that of a machine without fonts.
if (process.argv[1] === import.meta.filename) {
  const { rgb } = await drawOverlay(GREY, SCENE)
  process.stdout.write(createHash('sha256').update(rgb).digest('hex'))
}
