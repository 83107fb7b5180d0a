import { addBox, addQuad, type Finish, type Mesh } from '../raster/mesh.ts'
import type { VehicleAppearance } from './vehicle-appearance.ts'
import { addFittings, addWheels, paneOf } from './vehicle-parts.ts'

type Point = readonly [number, number, number]

/** A lorry: a cab and a box behind it. */
export function addTruck(mesh: Mesh, appearance: VehicleAppearance): void {
  const { lengthM: l, widthM: w, heightM: h, paint, second, glass } = appearance
  const front = l / 2
  const cabRear = front - 1.9
  const shell: Finish = { color: paint, gloss: 0.05 }
  const cabTop = h * 0.78
  addBox(mesh, [-w / 2, 0.5, cabRear], [w / 2, h * 0.42, front], shell)
  const lean = front - 0.25
  const inside: Point = [0, h * 0.5, cabRear + 0.8]
  const windscreen = [
    [-w / 2, h * 0.42, front],
    [w / 2, h * 0.42, front],
    [w * 0.46, cabTop, lean],
    [-w * 0.46, cabTop, lean],
  ] as const
  addQuad(mesh, windscreen, shell, inside)
  addQuad(
    mesh,
    paneOf(windscreen, { from: 0.05, to: 0.95, low: 0.08, high: 0.85 }, inside),
    { color: glass, gloss: 0.16 },
    inside,
  )
  for (const side of [-1, 1] as const) {
    const corners = [
      [(side * w) / 2, h * 0.42, cabRear],
      [(side * w) / 2, h * 0.42, front],
      [side * w * 0.46, cabTop, lean],
      [side * w * 0.46, cabTop, cabRear],
    ] as const
    addQuad(mesh, corners, shell, inside)
    addQuad(
      mesh,
      paneOf(corners, { from: 0.35, to: 0.92, low: 0.06, high: 0.82 }, inside),
      { color: glass, gloss: 0.16 },
      inside,
    )
  }
  addQuad(
    mesh,
    [
      [-w * 0.46, cabTop, cabRear],
      [w * 0.46, cabTop, cabRear],
      [w * 0.46, cabTop, lean],
      [-w * 0.46, cabTop, lean],
    ],
    shell,
    inside,
  )
  addBox(mesh, [-w / 2, 0.85, -l / 2], [w / 2, h, cabRear - 0.15], { color: second, gloss: 0.02 })
  addBox(mesh, [-w * 0.42, 0.45, -l / 2 + 0.1], [w * 0.42, 0.85, cabRear], { color: [0.02, 0.02, 0.02] })
  addWheels(mesh, appearance, [-l * 0.28, l / 2 - 1])
  addFittings(mesh, appearance, {
    front,
    rear: -l / 2,
    frontTop: 0.95,
    rearTop: 0.95,
    halfWidth: w / 2,
    mirrorZ: front - 0.2,
    belt: h * 0.5,
  })
}
