import type { Alert } from '#schemas/alert.ts'
import { type OverlayScene, objectLabel } from '../../pictures/overlay-scene.ts'

/** What is drawn into the frame of an alert: all that it is about, and what, where and when in words. Pure. */
export function sceneOfAlert(alert: Alert): OverlayScene {
  const { zone, line, direction, objects, rule, severity, camera, message, atMs } = alert
  return {
    ...(zone && { zones: [{ ...zone, active: true }] }),
    ...(line && { lines: [{ ...line, active: true, ...(direction && { direction }) }] }),
    boxes: objects.map((object) => ({
      box: object.box,
      class: object.class,
      label: objectLabel(object),
      active: true,
    })),
    caption: {
      title: message,
      details: [camera, `${rule.id} (${rule.kind})`, timeText(atMs)],
      severity,
    },
  }
}

/** `2026-09-21 14:13:21 UTC` */
function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
