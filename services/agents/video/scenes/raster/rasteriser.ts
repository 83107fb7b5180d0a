import { type Camera, NEAR_M } from '../camera.ts'
import {
  type Coverage,
  emptyCoverage,
  type FrameBuffer,
  LIGHT_UNIT,
  MAX_LIGHT,
  SAMPLES,
} from './frame-buffer.ts'
import { type Mesh, STRIDE } from './mesh.ts'
import { type ShadingLight, shadeVertex } from './shading.ts'

/** Where an object stands: its origin on the ground and the way it faces, radians to the right of +z. */
export interface Placement {
  x: number
  z: number
  yaw: number
  y?: number
}

export interface Draw {
  /** Number of the object in the frame, 1–255; 0 for what belongs to the background. */
  objectId: number
  /** A number that no other object of recent frames had: marks the samples that it has already touched. */
  stamp: number
  /** Without it only depths and numbers are drawn, and what is there has any colour. */
  light: ShadingLight | undefined
}

/** Draws meshes into one frame buffer as one camera sees them. */
export interface Rasteriser {
  drawMesh(mesh: Mesh, placement: Placement, draw: Draw): Coverage
  /** Samples of each object that are seen now, by its number in the frame. */
  readonly visible: Int32Array
}

export function createRasteriser(frameBuffer: FrameBuffer, camera: Camera): Rasteriser {
  const { columns, rows, light, inverseDepth, objectId: objectIds, stamp: stamps } = frameBuffer
  const { position, right, up, forward } = camera
  const focal = camera.focal * SAMPLES
  let xs = new Float64Array(0)
  let ys = new Float64Array(0)
  let ws = new Float64Array(0)
  let facing = new Uint8Array(0)
  let colors = new Float32Array(0)
  const shaded = new Float64Array(3)
  const visible = new Int32Array(256)
  let coverage = emptyCoverage()
  let objectId = 0
  let stamp = 0

  function makeRoom(vertices: number): void {
    if (vertices <= xs.length) return
    const size = Math.max(2048, vertices * 2)
    xs = new Float64Array(size)
    ys = new Float64Array(size)
    ws = new Float64Array(size)
    facing = new Uint8Array(size)
    colors = new Float32Array(size * 3)
  }

  function drawMesh(mesh: Mesh, placement: Placement, draw: Draw): Coverage {
    makeRoom(mesh.vertices)
    coverage = emptyCoverage()
    objectId = draw.objectId
    stamp = draw.stamp
    const { data, triangles } = mesh
    const sin = Math.sin(placement.yaw)
    const cos = Math.cos(placement.yaw)
    for (let i = 0, at = 0; i < mesh.vertices; i++, at += STRIDE) {
      const lx = data[at]!
      const lz = data[at + 2]!
      const x = placement.x + lx * cos + lz * sin
      const y = (placement.y ?? 0) + data[at + 1]!
      const z = placement.z - lx * sin + lz * cos
      const nlx = data[at + 3]!
      const nlz = data[at + 5]!
      const nx = nlx * cos + nlz * sin
      const ny = data[at + 4]!
      const nz = nlz * cos - nlx * sin
      const dx = x - position[0]
      const dy = y - position[1]
      const dz = z - position[2]
      const depth = dx * forward[0] + dy * forward[1] + dz * forward[2]
      if (depth < NEAR_M) {
        ws[i] = 0
        continue
      }
      const w = 1 / depth
      ws[i] = w
      xs[i] = columns / 2 + (dx * right[0] + dy * right[1] + dz * right[2]) * w * focal
      ys[i] = rows / 2 - (dx * up[0] + dy * up[1] + dz * up[2]) * w * focal
      const distance = Math.sqrt(dx * dx + dy * dy + dz * dz)
      const towards = -(nx * dx + ny * dy + nz * dz) / distance
      facing[i] = towards > -0.05 ? 1 : 0
      if (!draw.light) continue
      shadeVertex(shaded, draw.light, {
        x,
        y,
        z,
        nx,
        ny,
        nz,
        towards,
        viewX: dx / distance,
        viewY: dy / distance,
        viewZ: dz / distance,
        distance,
        red: data[at + 6]!,
        green: data[at + 7]!,
        blue: data[at + 8]!,
        gloss: data[at + 9]!,
        glow: data[at + 10]!,
      })
      for (let k = 0; k < 3; k++) {
        const value = shaded[k]! * LIGHT_UNIT
        colors[i * 3 + k] = value < 1 ? 1 : Math.min(value, MAX_LIGHT)
      }
    }
    for (let i = 0; i < mesh.indices; i += 3) {
      const a = triangles[i]!
      const b = triangles[i + 1]!
      const c = triangles[i + 2]!
      if (facing[a]! + facing[b]! + facing[c]! === 0) continue
      if (ws[a] === 0 || ws[b] === 0 || ws[c] === 0) continue
      fill(a, b, c)
    }
    return coverage
  }

  function fill(a: number, b: number, c: number): void {
    // Top to bottom.
    let t = 0
    if (ys[a]! > ys[b]!) {
      t = a
      a = b
      b = t
    }
    if (ys[b]! > ys[c]!) {
      t = b
      b = c
      c = t
    }
    if (ys[a]! > ys[b]!) {
      t = a
      a = b
      b = t
    }
    const x0 = xs[a]!
    const y0 = ys[a]!
    const x1 = xs[b]!
    const y1 = ys[b]!
    const x2 = xs[c]!
    const y2 = ys[c]!
    const yStart = Math.max(0, Math.ceil(y0 - 0.5))
    const yEnd = Math.min(rows - 1, Math.ceil(y2 - 0.5) - 1)
    if (yStart > yEnd) return
    const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if (area < 1e-9 && area > -1e-9) return
    const inverse = 1 / area
    const ax = (y2 - y0) * inverse
    const bx = (y0 - y1) * inverse
    const ay = (x0 - x2) * inverse
    const by = (x1 - x0) * inverse
    const w0 = ws[a]!
    const dw1 = ws[b]! - w0
    const dw2 = ws[c]! - w0
    const wx = dw1 * ax + dw2 * bx
    const wy = dw1 * ay + dw2 * by
    const r0 = colors[a * 3]!
    const g0 = colors[a * 3 + 1]!
    const b0 = colors[a * 3 + 2]!
    const r1 = colors[b * 3]! - r0
    const g1 = colors[b * 3 + 1]! - g0
    const b1 = colors[b * 3 + 2]! - b0
    const r2 = colors[c * 3]! - r0
    const g2 = colors[c * 3 + 1]! - g0
    const b2 = colors[c * 3 + 2]! - b0
    const rx = r1 * ax + r2 * bx
    const gx = g1 * ax + g2 * bx
    const bxc = b1 * ax + b2 * bx
    const ry = r1 * ay + r2 * by
    const gy = g1 * ay + g2 * by
    const byc = b1 * ay + b2 * by
    const long = (x2 - x0) / (y2 - y0)
    const high = y1 > y0 ? (x1 - x0) / (y1 - y0) : 0
    const low = y2 > y1 ? (x2 - x1) / (y2 - y1) : 0
    for (let y = yStart; y <= yEnd; y++) {
      const yc = y + 0.5
      const xa = x0 + (yc - y0) * long
      const xb = yc < y1 ? x0 + (yc - y0) * high : x1 + (yc - y1) * low
      const from = Math.max(0, Math.ceil(Math.min(xa, xb) - 0.5))
      const to = Math.min(columns - 1, Math.ceil(Math.max(xa, xb) - 0.5) - 1)
      if (from > to) continue
      if (y < coverage.minY) coverage.minY = y
      if (y >= coverage.maxY) coverage.maxY = y + 1
      if (from < coverage.minX) coverage.minX = from
      if (to >= coverage.maxX) coverage.maxX = to + 1
      const ox = from + 0.5 - x0
      const oy = yc - y0
      let w = w0 + ox * wx + oy * wy
      let r = r0 + ox * rx + oy * ry
      let g = g0 + ox * gx + oy * gy
      let bl = b0 + ox * bxc + oy * byc
      for (let i = y * columns + from, end = y * columns + to; i <= end; i++) {
        if (stamps[i] !== stamp) {
          stamps[i] = stamp
          coverage.samples++
        }
        if (w > inverseDepth[i]!) {
          inverseDepth[i] = w
          const before = objectIds[i]!
          if (before !== objectId) {
            visible[before]!--
            visible[objectId]!++
            objectIds[i] = objectId
          }
          const at = i * 3
          // At the very edge the planes may overshoot by less than a unit.
          light[at] = Math.max(r, 0)
          light[at + 1] = Math.max(g, 0)
          light[at + 2] = Math.max(bl, 0)
        }
        w += wx
        r += rx
        g += gx
        bl += bxc
      }
    }
  }

  return { drawMesh, visible }
}
