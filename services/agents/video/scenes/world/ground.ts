import type { Rgb } from '../raster/mesh.ts'

/** What a stretch of ground is made of. */
export interface Material {
  color: Rgb
  /** Share by which dirt and wear make it lighter and darker. */
  mottle: number
  /** Share by which single grains differ. */
  grain: number
  /** Joints: the size of slabs in metres, 0 for none, and how dark the joints are. */
  slabM: number
  joint: number
  /** The colour that the wear leans to. */
  worn: Rgb
}

/** A stretch along the street. Positions are given by u, metres across the street, and v, metres along it. */
export interface Band {
  toU: number
  material: Material
}

/** Paint along the street. */
export interface LaneLine {
  u: number
  halfWidthM: number
  /** 0 for one unbroken line. */
  dashM: number
  gapM: number
  light: number
}

/** Paint across: zebra crossings, parking bays, stop lines. */
export interface CrossMarks {
  fromU: number
  toU: number
  fromV: number
  toV: number
  /** Distance of the bars' centres; `along`: whether it is counted along u or along v. */
  pitchM: number
  halfWidthM: number
  along: 'u' | 'v'
  light: number
}

/** A manhole, an oil stain, a patch. */
export interface Stain {
  u: number
  v: number
  radiusM: number
  /** Factor on the light: below 1 darker. */
  factor: number
}

/** The ground of a street: stretches side by side, bent a little, with paint and stains on them. */
export interface Ground {
  /** Direction of the street, radians to the right of +z. */
  yaw: number
  /** Sorted by toU; the last one reaches to infinity. */
  bands: readonly Band[]
  lines: readonly LaneLine[]
  marks: readonly CrossMarks[]
  stains: readonly Stain[]
  /** The street swings by `bendM` with a wave of `bendWaveM`. */
  bendM: number
  bendWaveM: number
  seedU: number
}

/** Where a point of the ground is across and along the street. */
export function streetAt({ yaw, bendM, bendWaveM }: Ground, x: number, z: number): { u: number; v: number } {
  const u = x * Math.cos(yaw) - z * Math.sin(yaw)
  const v = x * Math.sin(yaw) + z * Math.cos(yaw)
  return { u: u + bendM * Math.sin(v / bendWaveM), v }
}

/** The point of the ground at a position of the street. */
export function placeAt({ yaw, bendM, bendWaveM }: Ground, u: number, v: number): { x: number; z: number } {
  const straight = u - bendM * Math.sin(v / bendWaveM)
  return {
    x: straight * Math.cos(yaw) + v * Math.sin(yaw),
    z: -straight * Math.sin(yaw) + v * Math.cos(yaw),
  }
}
