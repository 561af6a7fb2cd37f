import type { Detection, KindProfile } from './detection.ts';

const DENIED = new WeakMap<KindProfile, readonly string[]>();

/** How the detection is categorised in ECS's words. */
export function eventOf(
  profile: KindProfile,
  id: string,
  state: {
    readonly blocked: boolean;
    readonly stopped: boolean;
    /** A blocking kind that was only rehearsed. */
    readonly rehearsed: boolean;
    readonly quiet: boolean;
  },
): Detection['event'] {
  // Suppressed and resolved ones stay out of Elastic's alert promotion, which takes kind `alert`.
  return {
    kind: state.quiet && profile.eventKind === 'alert' ? 'event' : profile.eventKind,
    action: id.toLowerCase(),
    category: profile.category,
    type: typesOf(profile, state),
    outcome: state.blocked ? 'success' : undefined,
  };
}

function typesOf(
  profile: KindProfile,
  { stopped, rehearsed }: { readonly stopped: boolean; readonly rehearsed: boolean },
): readonly string[] {
  if (stopped) return withDenied(profile);
  return rehearsed ? ALLOWED : profile.type;
}

const ALLOWED: readonly string[] = ['allowed'];

/**
 * `denied` is legal beside any type, because `intrusion_detection` is always among the categories. It takes the place of
 * `allowed`: what was stopped was not let through.
 */
function withDenied(profile: KindProfile): readonly string[] {
  const seen = DENIED.get(profile);
  if (seen !== undefined) return seen;
  const types = [...profile.type.filter((type) => type !== 'allowed' && type !== 'denied'), 'denied'];
  DENIED.set(profile, types);
  return types;
}
