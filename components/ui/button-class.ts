import clsx from 'clsx'

export type ButtonVariant = 'primary' | 'secondary' | 'danger' | 'quiet'

const variants: Record<ButtonVariant, string> = {
  primary: 'border-primary bg-primary text-on-primary hover:border-primary-hover hover:bg-primary-hover',
  secondary: 'border-control bg-card text-link hover:bg-info-tint',
  danger: 'border-bad bg-bad text-on-bad hover:opacity-90',
  quiet: 'border-transparent bg-transparent text-link underline hover:bg-info-tint',
}

/** The look of everything that is pressed, be it a button or a link. */
export function buttonClass(variant: ButtonVariant): string {
  return clsx(
    'inline-flex min-h-(--control-height) cursor-pointer items-center justify-center gap-2 rounded-lg border px-4.5 py-1.5',
    'text-center text-(length:--text-control) leading-tight font-semibold print:hidden',
    variant !== 'quiet' && 'no-underline',
    variants[variant],
  )
}
