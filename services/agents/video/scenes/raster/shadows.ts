import { type Camera, NEAR_M } from '../camera.ts'
import { type Lighting, shadowStrength } from '../world/lighting.ts'
import { type Mesh, STRIDE } from './mesh.ts'
import type { Placement } from './rasteriser.ts'
import type { Region } from './tone-mapping.ts'

/** Darkness of shadows on the ground, a byte a pixel. */
export interface ShadowCaster {
  readonly mask: Uint8Array
  /** The shadow that a mesh throws in the sun, and the dark under it. */
  cast(mesh: Mesh, placement: Placement, footprint: Footprint): Region
  /** Softens what was cast within a region. */
  blur(region: Region): void
}

/** Half the width and length of what stands on the ground, in metres. */
export interface Footprint {
  halfWidth: number
  halfLength: number
}

export function createShadowCaster(camera: Camera, lighting: Lighting): ShadowCaster {
  const { width, height } = camera
  const mask = new Uint8Array(width * height)
  const scratch = new Uint8Array(width * height)
  const strength = Math.min(220, shadowStrength(lighting) * 255)
  const [sunX, sunY, sunZ] = lighting.sunDirection
  let xs = new Float64Array(64)
  let ys = new Float64Array(64)
  const region = { minX: width, minY: height, maxX: 0, maxY: 0 }

  function projectGround(i: number, x: number, z: number): void {
    const { position, right, up, forward, focal } = camera
    const [dx, dy, dz] = [x - position[0], -position[1], z - position[2]]
    const depth = dx * forward[0] + dy * forward[1] + dz * forward[2]
    if (depth < NEAR_M) {
      xs[i] = NaN
      return
    }
    xs[i] = width / 2 + ((dx * right[0] + dy * right[1] + dz * right[2]) / depth) * focal
    ys[i] = height / 2 - ((dx * up[0] + dy * up[1] + dz * up[2]) / depth) * focal
  }

  function fill(a: number, b: number, c: number, value: number): void {
    const [ax, ay, bx, by, cx, cy] = [xs[a]!, ys[a]!, xs[b]!, ys[b]!, xs[c]!, ys[c]!]
    if (!(ax + bx + cx < 1e9)) return
    const top = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5))
    const low = Math.min(height - 1, Math.ceil(Math.max(ay, by, cy) - 0.5) - 1)
    for (let y = top; y <= low; y++) {
      const yc = y + 0.5
      let from = Infinity
      let to = -Infinity
      for (let e = 0; e < 3; e++) {
        const px = e === 0 ? ax : e === 1 ? bx : cx
        const py = e === 0 ? ay : e === 1 ? by : cy
        const qx = e === 0 ? bx : e === 1 ? cx : ax
        const qy = e === 0 ? by : e === 1 ? cy : ay
        if (py <= yc === qy <= yc) continue
        const x = px + ((yc - py) / (qy - py)) * (qx - px)
        if (x < from) from = x
        if (x > to) to = x
      }
      const first = Math.max(0, Math.ceil(from - 0.5))
      const last = Math.min(width - 1, Math.ceil(to - 0.5) - 1)
      if (first > last) continue
      if (first < region.minX) region.minX = first
      if (last >= region.maxX) region.maxX = last + 1
      if (y < region.minY) region.minY = y
      if (y >= region.maxY) region.maxY = y + 1
      for (let i = y * width + first; i <= y * width + last; i++) if (mask[i]! < value) mask[i] = value
    }
  }

  function castBlob({ x, z, yaw }: Placement, { halfWidth, halfLength }: Footprint): void {
    const [sin, cos] = [Math.sin(yaw), Math.cos(yaw)]
    for (const [scale, value] of [
      [1.35, 50],
      [1.12, 95],
      [0.9, 150],
    ] as const) {
      const count = 12
      projectGround(count, x, z)
      for (let k = 0; k < count; k++) {
        const angle = (k / count) * 2 * Math.PI
        // Between an ellipse and a rectangle.
        const lx = Math.sign(Math.cos(angle)) * Math.abs(Math.cos(angle)) ** 0.6 * halfWidth * scale
        const lz = Math.sign(Math.sin(angle)) * Math.abs(Math.sin(angle)) ** 0.6 * halfLength * scale
        projectGround(k, x + lx * cos + lz * sin, z - lx * sin + lz * cos)
      }
      for (let k = 0; k < count; k++) fill(k, (k + 1) % count, count, value)
    }
  }

  return {
    mask,
    cast(mesh, placement, footprint) {
      region.minX = width
      region.minY = height
      region.maxX = 0
      region.maxY = 0
      castBlob(placement, footprint)
      if (strength > 12) {
        const { data, triangles } = mesh
        if (mesh.vertices > xs.length) {
          xs = new Float64Array(mesh.vertices * 2)
          ys = new Float64Array(mesh.vertices * 2)
        }
        const [sin, cos] = [Math.sin(placement.yaw), Math.cos(placement.yaw)]
        for (let i = 0, at = 0; i < mesh.vertices; i++, at += STRIDE) {
          const [lx, lz] = [data[at]!, data[at + 2]!]
          const back = ((placement.y ?? 0) + data[at + 1]!) / sunY
          projectGround(
            i,
            placement.x + lx * cos + lz * sin - sunX * back,
            placement.z - lx * sin + lz * cos - sunZ * back,
          )
        }
        for (let i = 0; i < mesh.indices; i += 3)
          fill(triangles[i]!, triangles[i + 1]!, triangles[i + 2]!, strength)
      }
      const margin = 2
      return {
        minX: Math.max(0, region.minX - margin),
        minY: Math.max(0, region.minY - margin),
        maxX: Math.min(width, region.maxX + margin),
        maxY: Math.min(height, region.maxY + margin),
      }
    },
    blur({ minX, minY, maxX, maxY }) {
      for (let y = minY; y < maxY; y++) {
        for (let x = Math.max(1, minX); x < Math.min(width - 1, maxX); x++) {
          const i = y * width + x
          scratch[i] = (mask[i - 1]! + 2 * mask[i]! + mask[i + 1]!) >> 2
        }
      }
      for (let y = Math.max(1, minY + 1); y < Math.min(height - 1, maxY - 1); y++) {
        for (let x = Math.max(1, minX); x < Math.min(width - 1, maxX); x++) {
          const i = y * width + x
          mask[i] = (scratch[i - width]! + 2 * scratch[i]! + scratch[i + width]!) >> 2
        }
      }
    },
  }
}
