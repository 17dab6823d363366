import { defineConfig } from 'prisma/config'

// `prisma generate` and `prisma validate` do their work in WASM, and still try to download a schema engine first. Any
// executable in its place keeps them offline. Migrations are SQL files with a runner of our own (lib/ops/migrate.ts).
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath

export default defineConfig({ schema: 'prisma/schema.prisma' })
