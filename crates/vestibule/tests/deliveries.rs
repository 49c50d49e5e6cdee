//! Whole deliveries over the real program, and what goes wrong with them: one test program, so that the stage that all of
//! them stand on is compiled and linked once. A file is a story; its head tells it.

mod adversary;
mod stage;

mod a_home_alone;
mod a_look_leaves_nothing;
mod attack_clock;
mod attack_foreign_reports;
mod attack_frozen_picture;
mod attack_kill_the_hub;
mod attack_lying_lock;
mod attack_restored_backup;
mod attack_revocation_at_the_door;
mod attack_roster_without_presence;
mod attack_second_client;
mod attack_stolen_cloud;
mod attack_stolen_handset;
mod attack_stolen_working_key;
mod attack_two_handsets;
mod attack_uplink_cut;
mod bad_input;
mod delivery_by_hand;
mod delivery_folder;
mod delivery_on_real_parts;
mod doctor;
mod first_pairing;
mod no_picture_outside_a_visit;
