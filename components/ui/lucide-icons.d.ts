// The icon set ships one module a drawing, and describes them only in its index, which holds all fifteen hundred.
declare module 'lucide/dist/esm/icons/*.mjs' {
  import type { IconNode } from 'lucide'

  const drawing: IconNode
  export default drawing
}
