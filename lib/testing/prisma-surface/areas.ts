import type { SurfaceArea } from './case.ts'
import { client } from './client.ts'
import { filtering } from './filtering.ts'
import { nesting } from './nesting.ts'
import { reading } from './reading.ts'
import { writing } from './writing.ts'

/** Everything that Prisma can be asked, in the order of docs/encryption.md. */
export const surfaceAreas: readonly SurfaceArea[] = [reading, filtering, writing, nesting, client]
