/** A reason to reject a group, an invitation to it, or a commit: one code per rule. */
export interface GroupProblem {
  readonly code: // the state of a group
    | 'components_malformed'
    | 'required_capabilities_missing'
    | 'required_components_missing'
    | 'component_unsupported'
    | 'admins_missing'
    | 'admin_without_leaf'
    | 'routing_missing'
    | 'disbanded'
    // its members
    | 'credential_invalid'
    | 'dictionary_malformed'
    | 'proof_missing'
    | 'proof_repeated'
    | 'proof_invalid'
    // an invitation
    | 'inviter_not_admin'
    | 'not_for_account'
    // a commit
    | 'committer_not_admin'
    | 'proposer_not_admin'
    | 'admin_self_remove'
    | 'required_component_removed'
    | 'identity_changed';
  /** Which part, in our own words. */
  readonly detail: string;
}
