import type { Box, Point } from '#schemas/geometry.ts'
import type { ObjectClass, Severity } from '#schemas/watch-rule.ts'

/** What is drawn over a picture; positions are shares of it. `active`: what it is about, drawn stronger than the rest. */
export interface OverlayScene {
  zones?: readonly OverlayZone[]
  lines?: readonly OverlayLine[]
  boxes?: readonly OverlayBox[]
  caption?: OverlayCaption
  /** Lines at each tenth of the picture with their numbers: coordinates can be read off. */
  grid?: boolean
}

export interface OverlayZone {
  id: string
  polygon: readonly Point[]
  active?: boolean
}

export interface OverlayLine {
  id: string
  from: Point
  to: Point
  /** Where the arrow points: both ways when it is not given. As somebody sees it who stands at `from` and looks to `to`. */
  direction?: 'any' | 'left-to-right' | 'right-to-left'
  active?: boolean
}

export interface OverlayBox {
  box: Box
  class: ObjectClass
  label: string
  active?: boolean
  /** Only expected there: drawn dashed. */
  predicted?: boolean
}

/** A bar above the picture, which gets that much higher: heads, feet and what the camera wrote into its corners stay visible. */
export interface OverlayCaption {
  title: string
  /** Separated by dots on the second line: the camera, the rule, the time. */
  details: readonly string[]
  /** Gives the bar its colour; what is active is drawn in it too. */
  severity?: Severity
}

export const SEVERITY_COLOURS = {
  critical: '#ff4d4f',
  high: '#ff8a1f',
  medium: '#ffd23f',
  low: '#4db8ff',
} as const satisfies Record<Severity, string>

export const CLASS_COLOURS = {
  person: '#35e0a1',
  vehicle: '#b79bff',
} as const satisfies Record<ObjectClass, string>

export const ZONE_COLOUR = '#8fd3ff'
export const LINE_COLOUR = '#ffe08a'
export const NEUTRAL_COLOUR = '#cfd8e3'

/** `person 3 · 83 %` */
export function objectLabel(object: { id?: number; label: string; score: number }): string {
  const name = object.id === undefined ? object.label : `${object.label} ${object.id}`
  return `${name} · ${Math.round(object.score * 100)} %`
}
