/** A point of the world in metres: x to the right, y up, z away from the camera; the ground is y = 0. */
export type Vector = readonly [x: number, y: number, z: number]

/** A pinhole camera without roll. */
export interface Camera {
  /** Size of the picture in pixels. */
  readonly width: number
  readonly height: number
  readonly position: Vector
  readonly right: Vector
  readonly up: Vector
  readonly forward: Vector
  /** Focal length in pixels. */
  readonly focal: number
}

export interface CameraPose {
  width: number
  height: number
  /** Height above the ground in metres. */
  heightM: number
  /** Radians to the right of +z. */
  yaw?: number
  /** Radians downwards. */
  pitch: number
  /** Horizontal field of view in radians. */
  fov: number
  xM?: number
  zM?: number
}

/** Nothing nearer than this is drawn, in metres. */
export const NEAR_M = 0.35

export function createCamera(pose: CameraPose): Camera {
  const { width, height, heightM, yaw = 0, pitch, fov, xM = 0, zM = 0 } = pose
  const [sy, cy, sp, cp] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)]
  return {
    width,
    height,
    position: [xM, heightM, zM],
    right: [cy, 0, -sy],
    up: [sy * sp, cp, cy * sp],
    forward: [sy * cp, -sp, cy * cp],
    focal: width / 2 / Math.tan(fov / 2),
  }
}

export interface Projected {
  /** Pixels; the centre of the top left pixel is at 0.5, 0.5. */
  x: number
  y: number
  /** Metres along the camera's axis. */
  depth: number
}

/** Where a point of the world is in the picture; undefined when it is behind the camera. */
export function project(camera: Camera, [px, py, pz]: Vector): Projected | undefined {
  const { position, right, up, forward, focal } = camera
  const [dx, dy, dz] = [px - position[0], py - position[1], pz - position[2]]
  const depth = dx * forward[0] + dy * forward[1] + dz * forward[2]
  if (depth < NEAR_M) return undefined
  const scale = focal / depth
  return {
    x: camera.width / 2 + (dx * right[0] + dy * right[1] + dz * right[2]) * scale,
    y: camera.height / 2 - (dx * up[0] + dy * up[1] + dz * up[2]) * scale,
    depth,
  }
}

/** The point of the ground that is seen at a place of the picture; undefined at or above the horizon. */
export function groundAt(camera: Camera, x: number, y: number): Vector | undefined {
  const { position, right, up, forward, focal } = camera
  const a = (x - camera.width / 2) / focal
  const b = (camera.height / 2 - y) / focal
  const dy = forward[1] + right[1] * a + up[1] * b
  if (dy > -1e-4) return undefined
  const t = -position[1] / dy
  return [
    position[0] + t * (forward[0] + right[0] * a + up[0] * b),
    0,
    position[2] + t * (forward[2] + right[2] * a + up[2] * b),
  ]
}

/** The row of the horizon in pixels; may lie outside the picture. */
export function horizonY(camera: Camera): number {
  return camera.height / 2 + (camera.focal * camera.forward[1]) / camera.up[1]
}
