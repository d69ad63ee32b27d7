export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      academic_years: {
        Row: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          ends_on: string;
          id: string;
          is_current: boolean;
          name: string;
          school_id: string;
          starts_on: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          ends_on: string;
          id?: string;
          is_current?: boolean;
          name: string;
          school_id: string;
          starts_on: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string;
          id?: string;
          is_current?: boolean;
          name?: string;
          school_id?: string;
          starts_on?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "academic_years_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      action_steps: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          description: string;
          done_at: string | null;
          due_on: string | null;
          evidence: string | null;
          evidence_path: string | null;
          id: string;
          next_visit_on: string | null;
          observation_id: string;
          planned_observation_id: string | null;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          description: string;
          done_at?: string | null;
          due_on?: string | null;
          evidence?: string | null;
          evidence_path?: string | null;
          id?: string;
          next_visit_on?: string | null;
          observation_id: string;
          planned_observation_id?: string | null;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          description?: string;
          done_at?: string | null;
          due_on?: string | null;
          evidence?: string | null;
          evidence_path?: string | null;
          id?: string;
          next_visit_on?: string | null;
          observation_id?: string;
          planned_observation_id?: string | null;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "action_steps_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observation_summaries";
            referencedColumns: ["school_id", "observation_id"];
          },
          {
            foreignKeyName: "action_steps_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observations";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "action_steps_planned_fkey";
            columns: ["school_id", "planned_observation_id"];
            isOneToOne: false;
            referencedRelation: "planned_observations";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      announcement_audiences: {
        Row: {
          announcement_id: string;
          class_id: string | null;
          created_at: string;
          grade_level_id: string | null;
          id: string;
          leader_id: string | null;
          role: string | null;
          school_id: string;
          scope: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          announcement_id: string;
          class_id?: string | null;
          created_at?: string;
          grade_level_id?: string | null;
          id?: string;
          leader_id?: string | null;
          role?: string | null;
          school_id: string;
          scope: string;
          updated_at?: string;
        };
        Update: {
          announcement_id?: string;
          class_id?: string | null;
          created_at?: string;
          grade_level_id?: string | null;
          id?: string;
          leader_id?: string | null;
          role?: string | null;
          school_id?: string;
          scope?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "announcement_audiences_announcement_fkey";
            columns: ["school_id", "announcement_id"];
            isOneToOne: false;
            referencedRelation: "announcements";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "announcement_audiences_class_fkey";
            columns: ["school_id", "class_id"];
            isOneToOne: false;
            referencedRelation: "classes";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "announcement_audiences_grade_level_fkey";
            columns: ["school_id", "grade_level_id"];
            isOneToOne: false;
            referencedRelation: "grade_levels";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "announcement_audiences_leader_fkey";
            columns: ["school_id", "leader_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      announcement_receipts: {
        Row: {
          announcement_id: string;
          created_at: string;
          id: string;
          membership_id: string;
          read_at: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          announcement_id: string;
          created_at?: string;
          id?: string;
          membership_id: string;
          read_at?: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          announcement_id?: string;
          created_at?: string;
          id?: string;
          membership_id?: string;
          read_at?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "announcement_receipts_announcement_fkey";
            columns: ["school_id", "announcement_id"];
            isOneToOne: false;
            referencedRelation: "announcements";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "announcement_receipts_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      announcements: {
        Row: {
          author_id: string;
          body: string;
          created_at: string;
          deleted_at: string | null;
          expires_at: string | null;
          id: string;
          publish_at: string;
          published_at: string | null;
          school_id: string;
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          author_id: string;
          body: string;
          created_at?: string;
          deleted_at?: string | null;
          expires_at?: string | null;
          id?: string;
          publish_at?: string;
          published_at?: string | null;
          school_id: string;
          title: string;
          updated_at?: string;
        };
        Update: {
          author_id?: string;
          body?: string;
          created_at?: string;
          deleted_at?: string | null;
          expires_at?: string | null;
          id?: string;
          publish_at?: string;
          published_at?: string | null;
          school_id?: string;
          title?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "announcements_author_fkey";
            columns: ["school_id", "author_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "announcements_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      attendance_entries: {
        Row: {
          class_id: string;
          created_at: string;
          day: string;
          id: string;
          school_id: string;
          session_id: string;
          status: string;
          student_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          class_id: string;
          created_at?: string;
          day: string;
          id?: string;
          school_id: string;
          session_id: string;
          status: string;
          student_id: string;
          updated_at?: string;
        };
        Update: {
          class_id?: string;
          created_at?: string;
          day?: string;
          id?: string;
          school_id?: string;
          session_id?: string;
          status?: string;
          student_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "attendance_entries_session_fkey";
            columns: ["school_id", "session_id", "class_id", "day"];
            isOneToOne: false;
            referencedRelation: "class_sessions";
            referencedColumns: ["school_id", "id", "class_id", "day"];
          },
          {
            foreignKeyName: "attendance_entries_student_fkey";
            columns: ["school_id", "student_id"];
            isOneToOne: false;
            referencedRelation: "students";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      attendance_marks: {
        Row: {
          created_at: string;
          id: string;
          marked_at: string | null;
          marked_by: string | null;
          note: string | null;
          overridden_at: string | null;
          overridden_by: string | null;
          override_reason: string | null;
          override_status: string | null;
          school_id: string;
          session_id: string;
          status: string | null;
          student_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          marked_at?: string | null;
          marked_by?: string | null;
          note?: string | null;
          overridden_at?: string | null;
          overridden_by?: string | null;
          override_reason?: string | null;
          override_status?: string | null;
          school_id: string;
          session_id: string;
          status?: string | null;
          student_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          marked_at?: string | null;
          marked_by?: string | null;
          note?: string | null;
          overridden_at?: string | null;
          overridden_by?: string | null;
          override_reason?: string | null;
          override_status?: string | null;
          school_id?: string;
          session_id?: string;
          status?: string | null;
          student_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "attendance_marks_entry_fkey";
            columns: ["school_id", "session_id", "student_id"];
            isOneToOne: true;
            referencedRelation: "attendance_entries";
            referencedColumns: ["school_id", "session_id", "student_id"];
          },
          {
            foreignKeyName: "attendance_marks_marked_by_fkey";
            columns: ["school_id", "marked_by"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "attendance_marks_overridden_by_fkey";
            columns: ["school_id", "overridden_by"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      break_glass_grants: {
        Row: {
          admin_id: string;
          created_at: string;
          deleted_at: string | null;
          expires_at: string;
          id: string;
          observation_id: string;
          observer_id: string;
          reason: string;
          school_id: string;
          teacher_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          admin_id: string;
          created_at?: string;
          deleted_at?: string | null;
          expires_at: string;
          id?: string;
          observation_id: string;
          observer_id: string;
          reason: string;
          school_id: string;
          teacher_id: string;
          updated_at?: string;
        };
        Update: {
          admin_id?: string;
          created_at?: string;
          deleted_at?: string | null;
          expires_at?: string;
          id?: string;
          observation_id?: string;
          observer_id?: string;
          reason?: string;
          school_id?: string;
          teacher_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "break_glass_grants_admin_fkey";
            columns: ["school_id", "admin_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "break_glass_grants_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observation_summaries";
            referencedColumns: ["school_id", "observation_id"];
          },
          {
            foreignKeyName: "break_glass_grants_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observations";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "break_glass_grants_observer_fkey";
            columns: ["school_id", "observer_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "break_glass_grants_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "break_glass_grants_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      calendar_days: {
        Row: {
          created_at: string;
          day: string;
          deleted_at: string | null;
          follows_weekday: number | null;
          id: string;
          kind: string;
          name: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          day: string;
          deleted_at?: string | null;
          follows_weekday?: number | null;
          id?: string;
          kind: string;
          name: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          day?: string;
          deleted_at?: string | null;
          follows_weekday?: number | null;
          id?: string;
          kind?: string;
          name?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "calendar_days_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      calibration_raters: {
        Row: {
          calibration_id: string;
          created_at: string;
          id: string;
          rater_id: string;
          school_id: string;
          submitted_at: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          calibration_id: string;
          created_at?: string;
          id?: string;
          rater_id: string;
          school_id: string;
          submitted_at?: string | null;
          updated_at?: string;
        };
        Update: {
          calibration_id?: string;
          created_at?: string;
          id?: string;
          rater_id?: string;
          school_id?: string;
          submitted_at?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "calibration_raters_calibration_fkey";
            columns: ["school_id", "calibration_id"];
            isOneToOne: false;
            referencedRelation: "calibrations";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "calibration_raters_rater_fkey";
            columns: ["school_id", "rater_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      calibration_ratings: {
        Row: {
          calibration_id: string;
          created_at: string;
          domain_id: string;
          framework_id: string;
          id: string;
          level: number | null;
          rater_id: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          calibration_id: string;
          created_at?: string;
          domain_id: string;
          framework_id: string;
          id?: string;
          level?: number | null;
          rater_id: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          calibration_id?: string;
          created_at?: string;
          domain_id?: string;
          framework_id?: string;
          id?: string;
          level?: number | null;
          rater_id?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "calibration_ratings_calibration_fkey";
            columns: ["school_id", "calibration_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "calibrations";
            referencedColumns: ["school_id", "id", "framework_id"];
          },
          {
            foreignKeyName: "calibration_ratings_domain_fkey";
            columns: ["school_id", "framework_id", "domain_id"];
            isOneToOne: false;
            referencedRelation: "framework_domains";
            referencedColumns: ["school_id", "framework_id", "id"];
          },
          {
            foreignKeyName: "calibration_ratings_level_fkey";
            columns: ["school_id", "framework_id", "level"];
            isOneToOne: false;
            referencedRelation: "framework_levels";
            referencedColumns: ["school_id", "framework_id", "level"];
          },
          {
            foreignKeyName: "calibration_ratings_rater_fkey";
            columns: ["school_id", "calibration_id", "rater_id"];
            isOneToOne: false;
            referencedRelation: "calibration_raters";
            referencedColumns: ["school_id", "calibration_id", "rater_id"];
          },
        ];
      };
      calibrations: {
        Row: {
          author_id: string;
          class_session_id: string | null;
          completed_at: string | null;
          created_at: string;
          framework_id: string;
          id: string;
          recording_url: string | null;
          school_id: string;
          status: string;
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          author_id: string;
          class_session_id?: string | null;
          completed_at?: string | null;
          created_at?: string;
          framework_id: string;
          id?: string;
          recording_url?: string | null;
          school_id: string;
          status?: string;
          title: string;
          updated_at?: string;
        };
        Update: {
          author_id?: string;
          class_session_id?: string | null;
          completed_at?: string | null;
          created_at?: string;
          framework_id?: string;
          id?: string;
          recording_url?: string | null;
          school_id?: string;
          status?: string;
          title?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "calibrations_author_fkey";
            columns: ["school_id", "author_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "calibrations_framework_fkey";
            columns: ["school_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "frameworks";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "calibrations_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calibrations_session_fkey";
            columns: ["school_id", "class_session_id"];
            isOneToOne: false;
            referencedRelation: "class_sessions";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      campuses: {
        Row: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "campuses_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      certificates: {
        Row: {
          created_at: string;
          held_on: string;
          holder_name: string;
          hours: number;
          id: string;
          issued_at: string;
          locale: string;
          membership_id: string;
          organiser_id: string;
          registration_id: string;
          revoked_at: string | null;
          school_id: string;
          school_name: string;
          title: string;
          training_event_id: string;
          updated_at: string;
          verification_code: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          held_on: string;
          holder_name: string;
          hours: number;
          id?: string;
          issued_at?: string;
          locale: string;
          membership_id: string;
          organiser_id: string;
          registration_id: string;
          revoked_at?: string | null;
          school_id: string;
          school_name: string;
          title: string;
          training_event_id: string;
          updated_at?: string;
          verification_code: string;
        };
        Update: {
          created_at?: string;
          held_on?: string;
          holder_name?: string;
          hours?: number;
          id?: string;
          issued_at?: string;
          locale?: string;
          membership_id?: string;
          organiser_id?: string;
          registration_id?: string;
          revoked_at?: string | null;
          school_id?: string;
          school_name?: string;
          title?: string;
          training_event_id?: string;
          updated_at?: string;
          verification_code?: string;
        };
        Relationships: [
          {
            foreignKeyName: "certificates_event_fkey";
            columns: ["school_id", "training_event_id", "organiser_id"];
            isOneToOne: false;
            referencedRelation: "training_events";
            referencedColumns: ["school_id", "id", "organiser_id"];
          },
          {
            foreignKeyName: "certificates_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "certificates_organiser_fkey";
            columns: ["school_id", "organiser_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "certificates_registration_fkey";
            columns: ["school_id", "registration_id"];
            isOneToOne: false;
            referencedRelation: "training_registrations";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      class_sessions: {
        Row: {
          changed_by_hand: boolean;
          class_id: string;
          cover_teacher_id: string | null;
          created_at: string;
          day: string;
          deleted_at: string | null;
          ends_at: string;
          held_by: string;
          id: string;
          note: string | null;
          register_taken_at: string | null;
          room_id: string | null;
          school_id: string;
          slot_day: string | null;
          slot_id: string | null;
          starts_at: string;
          status: string;
          subject_id: string | null;
          teacher_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          changed_by_hand?: boolean;
          class_id: string;
          cover_teacher_id?: string | null;
          created_at?: string;
          day: string;
          deleted_at?: string | null;
          ends_at: string;
          held_by?: never;
          id?: string;
          note?: string | null;
          register_taken_at?: string | null;
          room_id?: string | null;
          school_id: string;
          slot_day?: string | null;
          slot_id?: string | null;
          starts_at: string;
          status?: string;
          subject_id?: string | null;
          teacher_id: string;
          updated_at?: string;
        };
        Update: {
          changed_by_hand?: boolean;
          class_id?: string;
          cover_teacher_id?: string | null;
          created_at?: string;
          day?: string;
          deleted_at?: string | null;
          ends_at?: string;
          held_by?: never;
          id?: string;
          note?: string | null;
          register_taken_at?: string | null;
          room_id?: string | null;
          school_id?: string;
          slot_day?: string | null;
          slot_id?: string | null;
          starts_at?: string;
          status?: string;
          subject_id?: string | null;
          teacher_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "class_sessions_class_fkey";
            columns: ["school_id", "class_id"];
            isOneToOne: false;
            referencedRelation: "classes";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "class_sessions_cover_teacher_fkey";
            columns: ["school_id", "cover_teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "class_sessions_room_fkey";
            columns: ["school_id", "room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "class_sessions_slot_fkey";
            columns: ["school_id", "slot_id"];
            isOneToOne: false;
            referencedRelation: "timetable_slots";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "class_sessions_subject_fkey";
            columns: ["school_id", "subject_id"];
            isOneToOne: false;
            referencedRelation: "subjects";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "class_sessions_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      class_teachers: {
        Row: {
          class_id: string;
          created_at: string;
          deleted_at: string | null;
          ends_on: string | null;
          id: string;
          lead: boolean;
          school_id: string;
          starts_on: string;
          teacher_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          class_id: string;
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string | null;
          id?: string;
          lead?: boolean;
          school_id: string;
          starts_on?: string;
          teacher_id: string;
          updated_at?: string;
        };
        Update: {
          class_id?: string;
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string | null;
          id?: string;
          lead?: boolean;
          school_id?: string;
          starts_on?: string;
          teacher_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "class_teachers_class_fkey";
            columns: ["school_id", "class_id"];
            isOneToOne: false;
            referencedRelation: "classes";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "class_teachers_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      classes: {
        Row: {
          academic_year_id: string;
          capacity: number;
          code: string;
          created_at: string;
          deleted_at: string | null;
          grade_level_id: string;
          id: string;
          kind: string;
          name: string;
          room_id: string | null;
          school_id: string;
          subject_id: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          academic_year_id: string;
          capacity?: number;
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          grade_level_id: string;
          id?: string;
          kind?: string;
          name: string;
          room_id?: string | null;
          school_id: string;
          subject_id?: string | null;
          updated_at?: string;
        };
        Update: {
          academic_year_id?: string;
          capacity?: number;
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          grade_level_id?: string;
          id?: string;
          kind?: string;
          name?: string;
          room_id?: string | null;
          school_id?: string;
          subject_id?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "classes_grade_level_fkey";
            columns: ["school_id", "grade_level_id"];
            isOneToOne: false;
            referencedRelation: "grade_levels";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "classes_room_fkey";
            columns: ["school_id", "room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "classes_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "classes_subject_fkey";
            columns: ["school_id", "subject_id"];
            isOneToOne: false;
            referencedRelation: "subjects";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "classes_year_fkey";
            columns: ["school_id", "academic_year_id"];
            isOneToOne: false;
            referencedRelation: "academic_years";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      coaching_shares: {
        Row: {
          action_step_id: string | null;
          created_at: string;
          feedback_id: string | null;
          id: string;
          item: string;
          observation_id: string;
          reader_id: string;
          revoked_at: string | null;
          school_id: string;
          teacher_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          action_step_id?: string | null;
          created_at?: string;
          feedback_id?: string | null;
          id?: string;
          item: string;
          observation_id: string;
          reader_id: string;
          revoked_at?: string | null;
          school_id: string;
          teacher_id: string;
          updated_at?: string;
        };
        Update: {
          action_step_id?: string | null;
          created_at?: string;
          feedback_id?: string | null;
          id?: string;
          item?: string;
          observation_id?: string;
          reader_id?: string;
          revoked_at?: string | null;
          school_id?: string;
          teacher_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "coaching_shares_action_step_fkey";
            columns: ["school_id", "action_step_id"];
            isOneToOne: false;
            referencedRelation: "action_steps";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "coaching_shares_feedback_fkey";
            columns: ["school_id", "feedback_id"];
            isOneToOne: false;
            referencedRelation: "observation_feedback";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "coaching_shares_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observation_summaries";
            referencedColumns: ["school_id", "observation_id"];
          },
          {
            foreignKeyName: "coaching_shares_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observations";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "coaching_shares_reader_fkey";
            columns: ["school_id", "reader_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "coaching_shares_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      core_subjects: {
        Row: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "core_subjects_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      credentials: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          expires_on: string | null;
          id: string;
          issued_on: string | null;
          issuer: string | null;
          kind: string;
          membership_id: string;
          school_id: string;
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          expires_on?: string | null;
          id?: string;
          issued_on?: string | null;
          issuer?: string | null;
          kind: string;
          membership_id: string;
          school_id: string;
          title: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          expires_on?: string | null;
          id?: string;
          issued_on?: string | null;
          issuer?: string | null;
          kind?: string;
          membership_id?: string;
          school_id?: string;
          title?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "credentials_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      departments: {
        Row: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "departments_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      directory_cards: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          display_name: string;
          email: string | null;
          id: string;
          membership_id: string;
          phone: string | null;
          photo_path: string | null;
          school_id: string;
          title: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          display_name: string;
          email?: string | null;
          id?: string;
          membership_id: string;
          phone?: string | null;
          photo_path?: string | null;
          school_id: string;
          title?: string | null;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          display_name?: string;
          email?: string | null;
          id?: string;
          membership_id?: string;
          phone?: string | null;
          photo_path?: string | null;
          school_id?: string;
          title?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "directory_cards_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "directory_cards_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      district_memberships: {
        Row: {
          active: boolean;
          created_at: string;
          district_id: string;
          ends_on: string | null;
          id: string;
          role: string;
          starts_on: string;
          updated_at: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          active?: boolean;
          created_at?: string;
          district_id: string;
          ends_on?: string | null;
          id?: string;
          role: string;
          starts_on?: string;
          updated_at?: string;
          user_id?: string | null;
        };
        Update: {
          active?: boolean;
          created_at?: string;
          district_id?: string;
          ends_on?: string | null;
          id?: string;
          role?: string;
          starts_on?: string;
          updated_at?: string;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "district_memberships_district_id_fkey";
            columns: ["district_id"];
            isOneToOne: false;
            referencedRelation: "districts";
            referencedColumns: ["id"];
          },
        ];
      };
      district_settings: {
        Row: {
          created_at: string;
          district_id: string;
          id: string;
          key: string;
          updated_at: string;
          value: NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          district_id: string;
          id?: string;
          key: string;
          updated_at?: string;
          value: NonNullable<Json>;
        };
        Update: {
          created_at?: string;
          district_id?: string;
          id?: string;
          key?: string;
          updated_at?: string;
          value?: NonNullable<Json>;
        };
        Relationships: [
          {
            foreignKeyName: "district_settings_district_id_fkey";
            columns: ["district_id"];
            isOneToOne: false;
            referencedRelation: "districts";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "district_settings_key_fkey";
            columns: ["key"];
            isOneToOne: false;
            referencedRelation: "setting_definitions";
            referencedColumns: ["key"];
          },
        ];
      };
      districts: {
        Row: {
          code: string;
          country: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          locale: string;
          name: string;
          timezone: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          country?: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          locale?: string;
          name: string;
          timezone?: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          country?: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          locale?: string;
          name?: string;
          timezone?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      employments: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          employee_number: string | null;
          hired_on: string;
          id: string;
          left_on: string | null;
          membership_id: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          employee_number?: string | null;
          hired_on: string;
          id?: string;
          left_on?: string | null;
          membership_id: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          employee_number?: string | null;
          hired_on?: string;
          id?: string;
          left_on?: string | null;
          membership_id?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "employments_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      enrollments: {
        Row: {
          class_id: string;
          created_at: string;
          deleted_at: string | null;
          end_reason: string | null;
          ended_by_promotion_id: string | null;
          ends_on: string;
          id: string;
          kind: string;
          promotion_id: string | null;
          roll_number: number | null;
          school_id: string;
          starts_on: string;
          student_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          class_id: string;
          created_at?: string;
          deleted_at?: string | null;
          end_reason?: string | null;
          ended_by_promotion_id?: string | null;
          ends_on: string;
          id?: string;
          kind: string;
          promotion_id?: string | null;
          roll_number?: number | null;
          school_id: string;
          starts_on: string;
          student_id: string;
          updated_at?: string;
        };
        Update: {
          class_id?: string;
          created_at?: string;
          deleted_at?: string | null;
          end_reason?: string | null;
          ended_by_promotion_id?: string | null;
          ends_on?: string;
          id?: string;
          kind?: string;
          promotion_id?: string | null;
          roll_number?: number | null;
          school_id?: string;
          starts_on?: string;
          student_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "enrollments_class_fkey";
            columns: ["school_id", "class_id", "kind"];
            isOneToOne: false;
            referencedRelation: "classes";
            referencedColumns: ["school_id", "id", "kind"];
          },
          {
            foreignKeyName: "enrollments_ended_by_promotion_fkey";
            columns: ["school_id", "ended_by_promotion_id"];
            isOneToOne: false;
            referencedRelation: "promotions";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "enrollments_promotion_fkey";
            columns: ["school_id", "promotion_id"];
            isOneToOne: false;
            referencedRelation: "promotions";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "enrollments_student_fkey";
            columns: ["school_id", "student_id"];
            isOneToOne: false;
            referencedRelation: "students";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      framework_domains: {
        Row: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          framework_id: string;
          id: string;
          name: string;
          position: number;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          framework_id: string;
          id?: string;
          name: string;
          position?: number;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          framework_id?: string;
          id?: string;
          name?: string;
          position?: number;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "framework_domains_framework_fkey";
            columns: ["school_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "frameworks";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      framework_levels: {
        Row: {
          code: string;
          created_at: string;
          framework_id: string;
          id: string;
          level: number;
          name: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          framework_id: string;
          id?: string;
          level: number;
          name: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          framework_id?: string;
          id?: string;
          level?: number;
          name?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "framework_levels_framework_fkey";
            columns: ["school_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "frameworks";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      framework_look_fors: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          description: string;
          domain_id: string;
          framework_id: string;
          id: string;
          level: number | null;
          position: number;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          description: string;
          domain_id: string;
          framework_id: string;
          id?: string;
          level?: number | null;
          position?: number;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          description?: string;
          domain_id?: string;
          framework_id?: string;
          id?: string;
          level?: number | null;
          position?: number;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "framework_look_fors_domain_fkey";
            columns: ["school_id", "framework_id", "domain_id"];
            isOneToOne: false;
            referencedRelation: "framework_domains";
            referencedColumns: ["school_id", "framework_id", "id"];
          },
          {
            foreignKeyName: "framework_look_fors_level_fkey";
            columns: ["school_id", "framework_id", "level"];
            isOneToOne: false;
            referencedRelation: "framework_levels";
            referencedColumns: ["school_id", "framework_id", "level"];
          },
        ];
      };
      frameworks: {
        Row: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          origin_id: string | null;
          school_id: string;
          status: string;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name: string;
          origin_id?: string | null;
          school_id: string;
          status?: string;
          updated_at?: string;
          version?: number;
        };
        Update: {
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name?: string;
          origin_id?: string | null;
          school_id?: string;
          status?: string;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "frameworks_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      goal_updates: {
        Row: {
          author_id: string;
          created_at: string;
          goal_id: string;
          id: string;
          note: string | null;
          progress: number | null;
          progress_method: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          author_id: string;
          created_at?: string;
          goal_id: string;
          id?: string;
          note?: string | null;
          progress?: number | null;
          progress_method: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          author_id?: string;
          created_at?: string;
          goal_id?: string;
          id?: string;
          note?: string | null;
          progress?: number | null;
          progress_method?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "goal_updates_author_fkey";
            columns: ["school_id", "author_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "goal_updates_goal_fkey";
            columns: ["school_id", "goal_id", "progress_method"];
            isOneToOne: false;
            referencedRelation: "goals";
            referencedColumns: ["school_id", "id", "progress_method"];
          },
        ];
      };
      goals: {
        Row: {
          approved_at: string | null;
          approved_by: string | null;
          created_at: string;
          deleted_at: string | null;
          description: string | null;
          due_on: string | null;
          id: string;
          parent_id: string | null;
          progress_method: string;
          school_id: string;
          stated_progress: number | null;
          status: string;
          teacher_id: string | null;
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          approved_at?: string | null;
          approved_by?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          description?: string | null;
          due_on?: string | null;
          id?: string;
          parent_id?: string | null;
          progress_method?: string;
          school_id: string;
          stated_progress?: number | null;
          status?: string;
          teacher_id?: string | null;
          title: string;
          updated_at?: string;
        };
        Update: {
          approved_at?: string | null;
          approved_by?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          description?: string | null;
          due_on?: string | null;
          id?: string;
          parent_id?: string | null;
          progress_method?: string;
          school_id?: string;
          stated_progress?: number | null;
          status?: string;
          teacher_id?: string | null;
          title?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "goals_approver_fkey";
            columns: ["school_id", "approved_by"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "goals_parent_fkey";
            columns: ["school_id", "parent_id"];
            isOneToOne: false;
            referencedRelation: "goals";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "goals_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "goals_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      grade_levels: {
        Row: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          position: number;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name: string;
          position: number;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name?: string;
          position?: number;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "grade_levels_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      guardianship_blocks: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          ends_on: string | null;
          id: string;
          membership_id: string;
          reason: string;
          school_id: string;
          starts_on: string;
          student_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string | null;
          id?: string;
          membership_id: string;
          reason: string;
          school_id: string;
          starts_on?: string;
          student_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string | null;
          id?: string;
          membership_id?: string;
          reason?: string;
          school_id?: string;
          starts_on?: string;
          student_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "guardianship_blocks_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "guardianship_blocks_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "guardianship_blocks_student_fkey";
            columns: ["school_id", "student_id"];
            isOneToOne: false;
            referencedRelation: "students";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      guardianships: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          ends_on: string | null;
          guardian_id: string;
          id: string;
          may_collect: boolean;
          relation: string;
          rights_holder: boolean;
          school_id: string;
          sees_attendance: boolean;
          sees_grades: boolean;
          starts_on: string;
          student_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string | null;
          guardian_id: string;
          id?: string;
          may_collect?: boolean;
          relation?: string;
          rights_holder?: boolean;
          school_id: string;
          sees_attendance?: boolean;
          sees_grades?: boolean;
          starts_on?: string;
          student_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string | null;
          guardian_id?: string;
          id?: string;
          may_collect?: boolean;
          relation?: string;
          rights_holder?: boolean;
          school_id?: string;
          sees_attendance?: boolean;
          sees_grades?: boolean;
          starts_on?: string;
          student_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "guardianships_guardian_fkey";
            columns: ["school_id", "guardian_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "guardianships_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "guardianships_student_fkey";
            columns: ["school_id", "student_id"];
            isOneToOne: false;
            referencedRelation: "students";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      invitations: {
        Row: {
          accepted_at: string | null;
          created_at: string;
          deleted_at: string | null;
          email: string;
          full_name: string;
          id: string;
          managed: boolean;
          membership_id: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          accepted_at?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          email: string;
          full_name: string;
          id?: string;
          managed?: boolean;
          membership_id: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          accepted_at?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          email?: string;
          full_name?: string;
          id?: string;
          managed?: boolean;
          membership_id?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "invitations_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      memberships: {
        Row: {
          active: boolean;
          campus_id: string | null;
          created_at: string;
          deleted_at: string | null;
          department_id: string | null;
          ends_on: string | null;
          id: string;
          resumes_on: string | null;
          role: string;
          school_id: string;
          starts_on: string;
          teacher_code: string | null;
          team_scope: string | null;
          updated_at: string;
          user_id: string | null;
          via_district_membership_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          active?: boolean;
          campus_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          department_id?: string | null;
          ends_on?: string | null;
          id?: string;
          resumes_on?: string | null;
          role: string;
          school_id: string;
          starts_on?: string;
          teacher_code?: string | null;
          team_scope?: string | null;
          updated_at?: string;
          user_id?: string | null;
          via_district_membership_id?: string | null;
        };
        Update: {
          active?: boolean;
          campus_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          department_id?: string | null;
          ends_on?: string | null;
          id?: string;
          resumes_on?: string | null;
          role?: string;
          school_id?: string;
          starts_on?: string;
          teacher_code?: string | null;
          team_scope?: string | null;
          updated_at?: string;
          user_id?: string | null;
          via_district_membership_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "memberships_campus_fkey";
            columns: ["school_id", "campus_id"];
            isOneToOne: false;
            referencedRelation: "campuses";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "memberships_department_fkey";
            columns: ["school_id", "department_id"];
            isOneToOne: false;
            referencedRelation: "departments";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "memberships_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "memberships_via_district_membership_id_fkey";
            columns: ["via_district_membership_id"];
            isOneToOne: false;
            referencedRelation: "district_memberships";
            referencedColumns: ["id"];
          },
        ];
      };
      notification_kinds: {
        Row: {
          created_at: string;
          kind: string;
          name_en: string;
          name_he: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          kind: string;
          name_en: string;
          name_he: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          kind?: string;
          name_en?: string;
          name_he?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      notifications: {
        Row: {
          created_at: string;
          day: string | null;
          id: string;
          kind: string;
          membership_id: string;
          read_at: string | null;
          row_id: string;
          school_id: string;
          table_name: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          day?: string | null;
          id?: string;
          kind: string;
          membership_id: string;
          read_at?: string | null;
          row_id: string;
          school_id: string;
          table_name: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          day?: string | null;
          id?: string;
          kind?: string;
          membership_id?: string;
          read_at?: string | null;
          row_id?: string;
          school_id?: string;
          table_name?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "notifications_kind_fkey";
            columns: ["kind"];
            isOneToOne: false;
            referencedRelation: "notification_kinds";
            referencedColumns: ["kind"];
          },
          {
            foreignKeyName: "notifications_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "notifications_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      observation_amendments: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          id: string;
          notes: string | null;
          observation_id: string;
          reason: string;
          school_id: string;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          notes?: string | null;
          observation_id: string;
          reason: string;
          school_id: string;
          updated_at?: string;
          version: number;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          notes?: string | null;
          observation_id?: string;
          reason?: string;
          school_id?: string;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "observation_amendments_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observation_summaries";
            referencedColumns: ["school_id", "observation_id"];
          },
          {
            foreignKeyName: "observation_amendments_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observations";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      observation_feedback: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          discussion_met_on: string | null;
          id: string;
          observation_id: string;
          school_id: string;
          teacher_reflection: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          discussion_met_on?: string | null;
          id?: string;
          observation_id: string;
          school_id: string;
          teacher_reflection?: string | null;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          discussion_met_on?: string | null;
          id?: string;
          observation_id?: string;
          school_id?: string;
          teacher_reflection?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "observation_feedback_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observation_summaries";
            referencedColumns: ["school_id", "observation_id"];
          },
          {
            foreignKeyName: "observation_feedback_observation_fkey";
            columns: ["school_id", "observation_id"];
            isOneToOne: false;
            referencedRelation: "observations";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      observation_look_fors: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          framework_id: string;
          id: string;
          look_for_id: string;
          observation_id: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          framework_id: string;
          id?: string;
          look_for_id: string;
          observation_id: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          framework_id?: string;
          id?: string;
          look_for_id?: string;
          observation_id?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "observation_look_fors_look_for_fkey";
            columns: ["school_id", "framework_id", "look_for_id"];
            isOneToOne: false;
            referencedRelation: "framework_look_fors";
            referencedColumns: ["school_id", "framework_id", "id"];
          },
          {
            foreignKeyName: "observation_look_fors_observation_fkey";
            columns: ["school_id", "observation_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "observation_summaries";
            referencedColumns: ["school_id", "observation_id", "framework_id"];
          },
          {
            foreignKeyName: "observation_look_fors_observation_fkey";
            columns: ["school_id", "observation_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "observations";
            referencedColumns: ["school_id", "id", "framework_id"];
          },
        ];
      };
      observation_plans: {
        Row: {
          academic_year_id: string;
          author_id: string;
          created_at: string;
          id: string;
          name: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          academic_year_id: string;
          author_id: string;
          created_at?: string;
          id?: string;
          name: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          academic_year_id?: string;
          author_id?: string;
          created_at?: string;
          id?: string;
          name?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "observation_plans_author_fkey";
            columns: ["school_id", "author_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "observation_plans_year_fkey";
            columns: ["school_id", "academic_year_id"];
            isOneToOne: false;
            referencedRelation: "academic_years";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      observation_ratings: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          domain_id: string;
          evidence: string | null;
          framework_id: string;
          id: string;
          level: number | null;
          observation_id: string;
          school_id: string;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          domain_id: string;
          evidence?: string | null;
          framework_id: string;
          id?: string;
          level?: number | null;
          observation_id: string;
          school_id: string;
          updated_at?: string;
          version?: number;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          domain_id?: string;
          evidence?: string | null;
          framework_id?: string;
          id?: string;
          level?: number | null;
          observation_id?: string;
          school_id?: string;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "observation_ratings_domain_fkey";
            columns: ["school_id", "framework_id", "domain_id"];
            isOneToOne: false;
            referencedRelation: "framework_domains";
            referencedColumns: ["school_id", "framework_id", "id"];
          },
          {
            foreignKeyName: "observation_ratings_level_fkey";
            columns: ["school_id", "framework_id", "level"];
            isOneToOne: false;
            referencedRelation: "framework_levels";
            referencedColumns: ["school_id", "framework_id", "level"];
          },
          {
            foreignKeyName: "observation_ratings_observation_fkey";
            columns: ["school_id", "observation_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "observation_summaries";
            referencedColumns: ["school_id", "observation_id", "framework_id"];
          },
          {
            foreignKeyName: "observation_ratings_observation_fkey";
            columns: ["school_id", "observation_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "observations";
            referencedColumns: ["school_id", "id", "framework_id"];
          },
        ];
      };
      observations: {
        Row: {
          acknowledged_at: string | null;
          created_at: string;
          deleted_at: string | null;
          focus: string | null;
          framework_id: string;
          id: string;
          kind: string;
          locked_at: string | null;
          notes: string | null;
          observed_at: string;
          observer_id: string;
          planned_observation_id: string | null;
          school_id: string;
          status: string;
          submitted_at: string | null;
          teacher_id: string;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          acknowledged_at?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          focus?: string | null;
          framework_id: string;
          id?: string;
          kind?: string;
          locked_at?: string | null;
          notes?: string | null;
          observed_at?: string;
          observer_id: string;
          planned_observation_id?: string | null;
          school_id: string;
          status?: string;
          submitted_at?: string | null;
          teacher_id: string;
          updated_at?: string;
          version?: number;
        };
        Update: {
          acknowledged_at?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          focus?: string | null;
          framework_id?: string;
          id?: string;
          kind?: string;
          locked_at?: string | null;
          notes?: string | null;
          observed_at?: string;
          observer_id?: string;
          planned_observation_id?: string | null;
          school_id?: string;
          status?: string;
          submitted_at?: string | null;
          teacher_id?: string;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: "observations_framework_fkey";
            columns: ["school_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "frameworks";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "observations_observer_fkey";
            columns: ["school_id", "observer_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "observations_planned_fkey";
            columns: ["school_id", "planned_observation_id"];
            isOneToOne: false;
            referencedRelation: "planned_observations";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "observations_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "observations_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      pd_categories: {
        Row: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "pd_categories_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      pd_hours: {
        Row: {
          activity: string;
          approved_at: string | null;
          approver_id: string | null;
          category_id: string | null;
          created_at: string;
          deleted_at: string | null;
          done_on: string;
          endorser_id: string | null;
          hours: number;
          id: string;
          membership_id: string;
          note: string | null;
          registration_id: string | null;
          return_reason: string | null;
          school_id: string;
          status: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          activity: string;
          approved_at?: string | null;
          approver_id?: string | null;
          category_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          done_on: string;
          endorser_id?: string | null;
          hours: number;
          id?: string;
          membership_id: string;
          note?: string | null;
          registration_id?: string | null;
          return_reason?: string | null;
          school_id: string;
          status?: string;
          updated_at?: string;
        };
        Update: {
          activity?: string;
          approved_at?: string | null;
          approver_id?: string | null;
          category_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          done_on?: string;
          endorser_id?: string | null;
          hours?: number;
          id?: string;
          membership_id?: string;
          note?: string | null;
          registration_id?: string | null;
          return_reason?: string | null;
          school_id?: string;
          status?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "pd_hours_approver_fkey";
            columns: ["school_id", "approver_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "pd_hours_category_fkey";
            columns: ["school_id", "category_id"];
            isOneToOne: false;
            referencedRelation: "pd_categories";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "pd_hours_endorser_fkey";
            columns: ["school_id", "endorser_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "pd_hours_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "pd_hours_registration_fkey";
            columns: ["school_id", "registration_id"];
            isOneToOne: false;
            referencedRelation: "training_registrations";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "pd_hours_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      pd_requirements: {
        Row: {
          academic_year_id: string;
          category_id: string | null;
          created_at: string;
          deleted_at: string | null;
          hours: number;
          id: string;
          role: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          academic_year_id: string;
          category_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          hours: number;
          id?: string;
          role: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          academic_year_id?: string;
          category_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          hours?: number;
          id?: string;
          role?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "pd_requirements_category_fkey";
            columns: ["school_id", "category_id"];
            isOneToOne: false;
            referencedRelation: "pd_categories";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "pd_requirements_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "pd_requirements_year_fkey";
            columns: ["school_id", "academic_year_id"];
            isOneToOne: false;
            referencedRelation: "academic_years";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      permission_ceilings: {
        Row: {
          created_at: string;
          default_scope: string;
          fixed: boolean;
          max_scope: string;
          permission: string;
          role: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          default_scope: string;
          fixed?: boolean;
          max_scope: string;
          permission: string;
          role: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          default_scope?: string;
          fixed?: boolean;
          max_scope?: string;
          permission?: string;
          role?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "permission_ceilings_permission_fkey";
            columns: ["permission"];
            isOneToOne: false;
            referencedRelation: "permissions";
            referencedColumns: ["code"];
          },
        ];
      };
      permissions: {
        Row: {
          code: string;
          created_at: string;
          description: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          description: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          description?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      planned_observations: {
        Row: {
          class_session_id: string | null;
          created_at: string;
          due_on: string;
          ends_at: string | null;
          framework_id: string | null;
          id: string;
          kind: string;
          observer_id: string;
          plan_id: string;
          school_id: string;
          starts_at: string | null;
          status: string;
          teacher_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          class_session_id?: string | null;
          created_at?: string;
          due_on: string;
          ends_at?: string | null;
          framework_id?: string | null;
          id?: string;
          kind: string;
          observer_id: string;
          plan_id: string;
          school_id: string;
          starts_at?: string | null;
          status?: string;
          teacher_id: string;
          updated_at?: string;
        };
        Update: {
          class_session_id?: string | null;
          created_at?: string;
          due_on?: string;
          ends_at?: string | null;
          framework_id?: string | null;
          id?: string;
          kind?: string;
          observer_id?: string;
          plan_id?: string;
          school_id?: string;
          starts_at?: string | null;
          status?: string;
          teacher_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "planned_observations_framework_fkey";
            columns: ["school_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "frameworks";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "planned_observations_observer_fkey";
            columns: ["school_id", "observer_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "planned_observations_plan_fkey";
            columns: ["school_id", "plan_id"];
            isOneToOne: false;
            referencedRelation: "observation_plans";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "planned_observations_session_fkey";
            columns: ["school_id", "class_session_id"];
            isOneToOne: false;
            referencedRelation: "class_sessions";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "planned_observations_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      pre_observation_answers: {
        Row: {
          answer: string;
          created_at: string;
          id: string;
          planned_observation_id: string;
          question: string;
          question_id: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          answer: string;
          created_at?: string;
          id?: string;
          planned_observation_id: string;
          question: string;
          question_id: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          answer?: string;
          created_at?: string;
          id?: string;
          planned_observation_id?: string;
          question?: string;
          question_id?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "pre_observation_answers_planned_fkey";
            columns: ["school_id", "planned_observation_id"];
            isOneToOne: false;
            referencedRelation: "planned_observations";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "pre_observation_answers_question_fkey";
            columns: ["school_id", "question_id"];
            isOneToOne: false;
            referencedRelation: "pre_observation_questions";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      pre_observation_questions: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          framework_id: string | null;
          id: string;
          position: number;
          question: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          framework_id?: string | null;
          id?: string;
          position?: number;
          question: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          framework_id?: string | null;
          id?: string;
          position?: number;
          question?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "pre_observation_questions_framework_fkey";
            columns: ["school_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "frameworks";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "pre_observation_questions_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      profiles: {
        Row: {
          created_at: string;
          full_name: string | null;
          id: string;
          locale: string | null;
          mail_frequency: string;
          phone: string | null;
          updated_at: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          full_name?: string | null;
          id?: string;
          locale?: string | null;
          mail_frequency?: string;
          phone?: string | null;
          updated_at?: string;
          user_id?: string | null;
        };
        Update: {
          created_at?: string;
          full_name?: string | null;
          id?: string;
          locale?: string | null;
          mail_frequency?: string;
          phone?: string | null;
          updated_at?: string;
          user_id?: string | null;
        };
        Relationships: [];
      };
      promotions: {
        Row: {
          created_at: string;
          from_year_id: string;
          graduated: number;
          id: string;
          promoted: number;
          repeated: number;
          school_id: string;
          to_year_id: string;
          undone_at: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          from_year_id: string;
          graduated: number;
          id?: string;
          promoted: number;
          repeated: number;
          school_id: string;
          to_year_id: string;
          undone_at?: string | null;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          from_year_id?: string;
          graduated?: number;
          id?: string;
          promoted?: number;
          repeated?: number;
          school_id?: string;
          to_year_id?: string;
          undone_at?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "promotions_from_year_fkey";
            columns: ["school_id", "from_year_id"];
            isOneToOne: false;
            referencedRelation: "academic_years";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "promotions_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "promotions_to_year_fkey";
            columns: ["school_id", "to_year_id"];
            isOneToOne: false;
            referencedRelation: "academic_years";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      role_permissions: {
        Row: {
          created_at: string;
          id: string;
          permission: string;
          role: string;
          school_id: string;
          scope: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          permission: string;
          role: string;
          school_id: string;
          scope: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          id?: string;
          permission?: string;
          role?: string;
          school_id?: string;
          scope?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "role_permissions_ceiling_fkey";
            columns: ["role", "permission"];
            isOneToOne: false;
            referencedRelation: "permission_ceilings";
            referencedColumns: ["role", "permission"];
          },
          {
            foreignKeyName: "role_permissions_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      rooms: {
        Row: {
          campus_id: string | null;
          capacity: number | null;
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          campus_id?: string | null;
          capacity?: number | null;
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          campus_id?: string | null;
          capacity?: number | null;
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          name?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "rooms_campus_fkey";
            columns: ["school_id", "campus_id"];
            isOneToOne: false;
            referencedRelation: "campuses";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "rooms_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      school_settings: {
        Row: {
          created_at: string;
          id: string;
          inherited: boolean;
          key: string;
          school_id: string;
          updated_at: string;
          value: NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          id?: string;
          inherited?: boolean;
          key: string;
          school_id: string;
          updated_at?: string;
          value: NonNullable<Json>;
        };
        Update: {
          created_at?: string;
          id?: string;
          inherited?: boolean;
          key?: string;
          school_id?: string;
          updated_at?: string;
          value?: NonNullable<Json>;
        };
        Relationships: [
          {
            foreignKeyName: "school_settings_key_fkey";
            columns: ["key"];
            isOneToOne: false;
            referencedRelation: "setting_definitions";
            referencedColumns: ["key"];
          },
          {
            foreignKeyName: "school_settings_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      schools: {
        Row: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          district_id: string | null;
          id: string;
          locale: string;
          name: string;
          status: string;
          timezone: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          district_id?: string | null;
          id?: string;
          locale: string;
          name: string;
          status?: string;
          timezone: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          district_id?: string | null;
          id?: string;
          locale?: string;
          name?: string;
          status?: string;
          timezone?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "schools_district_id_fkey";
            columns: ["district_id"];
            isOneToOne: false;
            referencedRelation: "districts";
            referencedColumns: ["id"];
          },
        ];
      };
      setting_definitions: {
        Row: {
          audience: string;
          created_at: string;
          default_value: NonNullable<Json>;
          description: string;
          key: string;
          maximum: number | null;
          minimum: number | null;
          type: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          audience: string;
          created_at?: string;
          default_value: NonNullable<Json>;
          description: string;
          key: string;
          maximum?: number | null;
          minimum?: number | null;
          type: string;
          updated_at?: string;
        };
        Update: {
          audience?: string;
          created_at?: string;
          default_value?: NonNullable<Json>;
          description?: string;
          key?: string;
          maximum?: number | null;
          minimum?: number | null;
          type?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      student_internal: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          home_language: string | null;
          id: string;
          school_id: string;
          student_id: string;
          support_note: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          home_language?: string | null;
          id?: string;
          school_id: string;
          student_id: string;
          support_note?: string | null;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          home_language?: string | null;
          id?: string;
          school_id?: string;
          student_id?: string;
          support_note?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "student_internal_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "student_internal_student_fkey";
            columns: ["school_id", "student_id"];
            isOneToOne: false;
            referencedRelation: "students";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      student_records: {
        Row: {
          content: NonNullable<Json>;
          created_at: string;
          deleted_at: string | null;
          id: string;
          kind: string;
          school_id: string;
          student_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          content: NonNullable<Json>;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          kind: string;
          school_id: string;
          student_id: string;
          updated_at?: string;
        };
        Update: {
          content?: NonNullable<Json>;
          created_at?: string;
          deleted_at?: string | null;
          id?: string;
          kind?: string;
          school_id?: string;
          student_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "student_records_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "student_records_student_fkey";
            columns: ["school_id", "student_id"];
            isOneToOne: false;
            referencedRelation: "students";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      students: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          family_name: string;
          given_name: string;
          id: string;
          membership_id: string | null;
          photo_path: string | null;
          preferred_name: string | null;
          rights_holder: boolean;
          school_id: string;
          status: string;
          student_number: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          family_name: string;
          given_name: string;
          id?: string;
          membership_id?: string | null;
          photo_path?: string | null;
          preferred_name?: string | null;
          rights_holder?: boolean;
          school_id: string;
          status?: string;
          student_number?: string | null;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          family_name?: string;
          given_name?: string;
          id?: string;
          membership_id?: string | null;
          photo_path?: string | null;
          preferred_name?: string | null;
          rights_holder?: boolean;
          school_id?: string;
          status?: string;
          student_number?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "students_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: true;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "students_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      subjects: {
        Row: {
          code: string;
          core_subject_id: string | null;
          created_at: string;
          deleted_at: string | null;
          grade_level_id: string | null;
          id: string;
          name: string;
          school_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          core_subject_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          grade_level_id?: string | null;
          id?: string;
          name: string;
          school_id: string;
          updated_at?: string;
        };
        Update: {
          code?: string;
          core_subject_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          grade_level_id?: string | null;
          id?: string;
          name?: string;
          school_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "subjects_core_subject_fkey";
            columns: ["school_id", "core_subject_id"];
            isOneToOne: false;
            referencedRelation: "core_subjects";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "subjects_grade_level_fkey";
            columns: ["school_id", "grade_level_id"];
            isOneToOne: false;
            referencedRelation: "grade_levels";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "subjects_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      supervisions: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          ends_on: string | null;
          id: string;
          school_id: string;
          starts_on: string;
          supervisor_id: string;
          teacher_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string | null;
          id?: string;
          school_id: string;
          starts_on?: string;
          supervisor_id: string;
          teacher_id: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string | null;
          id?: string;
          school_id?: string;
          starts_on?: string;
          supervisor_id?: string;
          teacher_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "supervisions_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "supervisions_supervisor_fkey";
            columns: ["school_id", "supervisor_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "supervisions_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      terms: {
        Row: {
          academic_year_id: string;
          code: string;
          created_at: string;
          deleted_at: string | null;
          ends_on: string;
          id: string;
          name: string;
          school_id: string;
          starts_on: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          academic_year_id: string;
          code: string;
          created_at?: string;
          deleted_at?: string | null;
          ends_on: string;
          id?: string;
          name: string;
          school_id: string;
          starts_on: string;
          updated_at?: string;
        };
        Update: {
          academic_year_id?: string;
          code?: string;
          created_at?: string;
          deleted_at?: string | null;
          ends_on?: string;
          id?: string;
          name?: string;
          school_id?: string;
          starts_on?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "terms_year_fkey";
            columns: ["school_id", "academic_year_id"];
            isOneToOne: false;
            referencedRelation: "academic_years";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      timetable_slots: {
        Row: {
          class_id: string;
          created_at: string;
          deleted_at: string | null;
          end_time: string;
          id: string;
          room_id: string | null;
          school_id: string;
          start_time: string;
          subject_id: string | null;
          teacher_id: string;
          term_id: string;
          updated_at: string;
          weekday: number;
        };
        ComputedFields: never;
        Insert: {
          class_id: string;
          created_at?: string;
          deleted_at?: string | null;
          end_time: string;
          id?: string;
          room_id?: string | null;
          school_id: string;
          start_time: string;
          subject_id?: string | null;
          teacher_id: string;
          term_id: string;
          updated_at?: string;
          weekday: number;
        };
        Update: {
          class_id?: string;
          created_at?: string;
          deleted_at?: string | null;
          end_time?: string;
          id?: string;
          room_id?: string | null;
          school_id?: string;
          start_time?: string;
          subject_id?: string | null;
          teacher_id?: string;
          term_id?: string;
          updated_at?: string;
          weekday?: number;
        };
        Relationships: [
          {
            foreignKeyName: "timetable_slots_class_fkey";
            columns: ["school_id", "class_id"];
            isOneToOne: false;
            referencedRelation: "classes";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "timetable_slots_room_fkey";
            columns: ["school_id", "room_id"];
            isOneToOne: false;
            referencedRelation: "rooms";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "timetable_slots_subject_fkey";
            columns: ["school_id", "subject_id"];
            isOneToOne: false;
            referencedRelation: "subjects";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "timetable_slots_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "timetable_slots_term_fkey";
            columns: ["school_id", "term_id"];
            isOneToOne: false;
            referencedRelation: "terms";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      training_events: {
        Row: {
          cancel_reason: string | null;
          cancelled_at: string | null;
          capacity: number | null;
          category_id: string | null;
          created_at: string;
          deleted_at: string | null;
          description: string | null;
          ends_at: string;
          held_at: string | null;
          hours: number;
          id: string;
          location: string | null;
          organiser_id: string;
          published_at: string | null;
          registration_closes_at: string | null;
          registration_opens_at: string | null;
          reminded_for: string | null;
          school_id: string;
          series_id: string | null;
          starts_at: string;
          status: string;
          title: string;
          topic: string | null;
          type: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          cancel_reason?: string | null;
          cancelled_at?: string | null;
          capacity?: number | null;
          category_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          description?: string | null;
          ends_at: string;
          held_at?: string | null;
          hours?: number;
          id?: string;
          location?: string | null;
          organiser_id: string;
          published_at?: string | null;
          registration_closes_at?: string | null;
          registration_opens_at?: string | null;
          reminded_for?: string | null;
          school_id: string;
          series_id?: string | null;
          starts_at: string;
          status?: string;
          title: string;
          topic?: string | null;
          type?: string;
          updated_at?: string;
        };
        Update: {
          cancel_reason?: string | null;
          cancelled_at?: string | null;
          capacity?: number | null;
          category_id?: string | null;
          created_at?: string;
          deleted_at?: string | null;
          description?: string | null;
          ends_at?: string;
          held_at?: string | null;
          hours?: number;
          id?: string;
          location?: string | null;
          organiser_id?: string;
          published_at?: string | null;
          registration_closes_at?: string | null;
          registration_opens_at?: string | null;
          reminded_for?: string | null;
          school_id?: string;
          series_id?: string | null;
          starts_at?: string;
          status?: string;
          title?: string;
          topic?: string | null;
          type?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "training_events_category_fkey";
            columns: ["school_id", "category_id"];
            isOneToOne: false;
            referencedRelation: "pd_categories";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "training_events_organiser_fkey";
            columns: ["school_id", "organiser_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "training_events_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "training_events_series_fkey";
            columns: ["school_id", "series_id"];
            isOneToOne: false;
            referencedRelation: "training_series";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      training_registrations: {
        Row: {
          attendance_source: string | null;
          attended_at: string | null;
          created_at: string;
          id: string;
          membership_id: string;
          organiser_id: string;
          promoted_at: string | null;
          queue_number: number;
          registered_at: string;
          school_id: string;
          status: string;
          training_event_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          attendance_source?: string | null;
          attended_at?: string | null;
          created_at?: string;
          id?: string;
          membership_id: string;
          organiser_id: string;
          promoted_at?: string | null;
          queue_number: number;
          registered_at?: string;
          school_id: string;
          status: string;
          training_event_id: string;
          updated_at?: string;
        };
        Update: {
          attendance_source?: string | null;
          attended_at?: string | null;
          created_at?: string;
          id?: string;
          membership_id?: string;
          organiser_id?: string;
          promoted_at?: string | null;
          queue_number?: number;
          registered_at?: string;
          school_id?: string;
          status?: string;
          training_event_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "training_registrations_event_fkey";
            columns: ["school_id", "training_event_id", "organiser_id"];
            isOneToOne: false;
            referencedRelation: "training_events";
            referencedColumns: ["school_id", "id", "organiser_id"];
          },
          {
            foreignKeyName: "training_registrations_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "training_registrations_organiser_fkey";
            columns: ["school_id", "organiser_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      training_series: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          description: string | null;
          id: string;
          organiser_id: string;
          published_at: string | null;
          school_id: string;
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          description?: string | null;
          id?: string;
          organiser_id: string;
          published_at?: string | null;
          school_id: string;
          title: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          description?: string | null;
          id?: string;
          organiser_id?: string;
          published_at?: string | null;
          school_id?: string;
          title?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: "training_series_organiser_fkey";
            columns: ["school_id", "organiser_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "training_series_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
      user_sessions: {
        Row: {
          created_at: string;
          duration_seconds: number | null;
          end_reason: string | null;
          ended_at: string | null;
          id: string;
          ip: unknown;
          last_seen_at: string;
          membership_id: string;
          school_id: string;
          session_id: string;
          started_at: string;
          updated_at: string;
          user_agent: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          duration_seconds?: never;
          end_reason?: string | null;
          ended_at?: string | null;
          id?: string;
          ip?: unknown;
          last_seen_at?: string;
          membership_id: string;
          school_id: string;
          session_id: string;
          started_at?: string;
          updated_at?: string;
          user_agent?: string | null;
        };
        Update: {
          created_at?: string;
          duration_seconds?: never;
          end_reason?: string | null;
          ended_at?: string | null;
          id?: string;
          ip?: unknown;
          last_seen_at?: string;
          membership_id?: string;
          school_id?: string;
          session_id?: string;
          started_at?: string;
          updated_at?: string;
          user_agent?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "user_sessions_membership_fkey";
            columns: ["school_id", "membership_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "user_sessions_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      calibration_pairs: {
        Row: {
          calibration_id: string;
          domain_id: string;
          first_level: number | null;
          first_rater_id: string;
          framework_id: string;
          school_id: string;
          second_level: number | null;
          second_rater_id: string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "calibration_ratings_calibration_fkey";
            columns: ["school_id", "calibration_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "calibrations";
            referencedColumns: ["school_id", "id", "framework_id"];
          },
          {
            foreignKeyName: "calibration_ratings_domain_fkey";
            columns: ["school_id", "framework_id", "domain_id"];
            isOneToOne: false;
            referencedRelation: "framework_domains";
            referencedColumns: ["school_id", "framework_id", "id"];
          },
          {
            foreignKeyName: "calibration_ratings_level_fkey";
            columns: ["school_id", "framework_id", "first_level"];
            isOneToOne: false;
            referencedRelation: "framework_levels";
            referencedColumns: ["school_id", "framework_id", "level"];
          },
          {
            foreignKeyName: "calibration_ratings_level_fkey";
            columns: ["school_id", "framework_id", "second_level"];
            isOneToOne: false;
            referencedRelation: "framework_levels";
            referencedColumns: ["school_id", "framework_id", "level"];
          },
          {
            foreignKeyName: "calibration_ratings_rater_fkey";
            columns: ["school_id", "calibration_id", "first_rater_id"];
            isOneToOne: false;
            referencedRelation: "calibration_raters";
            referencedColumns: ["school_id", "calibration_id", "rater_id"];
          },
          {
            foreignKeyName: "calibration_ratings_rater_fkey";
            columns: ["school_id", "calibration_id", "second_rater_id"];
            isOneToOne: false;
            referencedRelation: "calibration_raters";
            referencedColumns: ["school_id", "calibration_id", "rater_id"];
          },
        ];
      };
      domain_growth: {
        Row: {
          average_level: number | null;
          average_position: number | null;
          domain_code: string;
          framework_code: string;
          month: string | null;
          observations: number | null;
          ratings: number | null;
          school_id: string;
          teacher_id: string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "observations_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "observations_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      observation_coverage: {
        Row: {
          academic_year_id: string;
          done: number | null;
          kind: string;
          next_due_on: string | null;
          observer_id: string;
          overdue: number | null;
          planned: number | null;
          school_id: string;
          teacher_id: string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "planned_observations_observer_fkey";
            columns: ["school_id", "observer_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "planned_observations_teacher_fkey";
            columns: ["school_id", "teacher_id"];
            isOneToOne: false;
            referencedRelation: "memberships";
            referencedColumns: ["school_id", "id"];
          },
        ];
      };
      observation_summaries: {
        Row: {
          average_level: number | null;
          domains_not_observed: number | null;
          domains_rated: number | null;
          framework_id: string;
          kind: string;
          observation_id: string;
          school_id: string;
          version: number;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "observations_framework_fkey";
            columns: ["school_id", "framework_id"];
            isOneToOne: false;
            referencedRelation: "frameworks";
            referencedColumns: ["school_id", "id"];
          },
          {
            foreignKeyName: "observations_school_id_fkey";
            columns: ["school_id"];
            isOneToOne: false;
            referencedRelation: "schools";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Functions: {
      accept_invitations: { Args: Record<PropertyKey, never>; Returns: number };
      acknowledge_observation: {
        Args: { observation_id: string; school_id: string; version?: number };
        Returns: {
          acknowledged_at: string | null;
          created_at: string;
          deleted_at: string | null;
          focus: string | null;
          framework_id: string;
          id: string;
          kind: string;
          locked_at: string | null;
          notes: string | null;
          observed_at: string;
          observer_id: string;
          planned_observation_id: string | null;
          school_id: string;
          status: string;
          submitted_at: string | null;
          teacher_id: string;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "observations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      add_membership: {
        Args: {
          campus_id?: string;
          department_id?: string;
          ends_on?: string;
          role: string;
          school_id: string;
          starts_on?: string;
          teacher_code?: string;
          team_scope?: string;
          user_id: string;
        };
        Returns: {
          active: boolean;
          campus_id: string | null;
          created_at: string;
          deleted_at: string | null;
          department_id: string | null;
          ends_on: string | null;
          id: string;
          resumes_on: string | null;
          role: string;
          school_id: string;
          starts_on: string;
          teacher_code: string | null;
          team_scope: string | null;
          updated_at: string;
          user_id: string | null;
          via_district_membership_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "memberships";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      add_session: {
        Args: {
          class_id: string;
          ends_at: string;
          room_id?: string;
          school_id: string;
          starts_at: string;
          subject_id?: string;
          teacher_id: string;
        };
        Returns: {
          changed_by_hand: boolean;
          class_id: string;
          cover_teacher_id: string | null;
          created_at: string;
          day: string;
          deleted_at: string | null;
          ends_at: string;
          held_by: string;
          id: string;
          note: string | null;
          register_taken_at: string | null;
          room_id: string | null;
          school_id: string;
          slot_day: string | null;
          slot_id: string | null;
          starts_at: string;
          status: string;
          subject_id: string | null;
          teacher_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "class_sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      add_supervision: {
        Args: { ends_on?: string; school_id: string; starts_on?: string; supervisor_id: string; teacher_id: string };
        Returns: {
          created_at: string;
          deleted_at: string | null;
          ends_on: string | null;
          id: string;
          school_id: string;
          starts_on: string;
          supervisor_id: string;
          teacher_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "supervisions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      amend_observation: {
        Args: { notes?: string; observation_id: string; ratings?: Json; reason: string; school_id: string };
        Returns: {
          acknowledged_at: string | null;
          created_at: string;
          deleted_at: string | null;
          focus: string | null;
          framework_id: string;
          id: string;
          kind: string;
          locked_at: string | null;
          notes: string | null;
          observed_at: string;
          observer_id: string;
          planned_observation_id: string | null;
          school_id: string;
          status: string;
          submitted_at: string | null;
          teacher_id: string;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "observations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      announce: {
        Args: {
          announcement_id?: string;
          audiences: Json;
          body: string;
          expires_at?: string;
          publish_at?: string;
          school_id: string;
          title: string;
        };
        Returns: {
          author_id: string;
          body: string;
          created_at: string;
          deleted_at: string | null;
          expires_at: string | null;
          id: string;
          publish_at: string;
          published_at: string | null;
          school_id: string;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "announcements";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      answer_pre_observation: {
        Args: { answers: Json; planned_observation_id: string; school_id: string };
        Returns: {
          answer: string;
          created_at: string;
          id: string;
          planned_observation_id: string;
          question: string;
          question_id: string;
          school_id: string;
          updated_at: string;
        }[];
        SetofOptions: {
          from: "*";
          to: "pre_observation_answers";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      approve_goal: {
        Args: { as_of?: string; comment?: string; goal_id: string; school_id: string };
        Returns: {
          approved_at: string | null;
          approved_by: string | null;
          created_at: string;
          deleted_at: string | null;
          description: string | null;
          due_on: string | null;
          id: string;
          parent_id: string | null;
          progress_method: string;
          school_id: string;
          stated_progress: number | null;
          status: string;
          teacher_id: string | null;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "goals";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      approve_pd_hours: {
        Args: { as_of?: string; pd_hour_id: string; school_id: string };
        Returns: {
          activity: string;
          approved_at: string | null;
          approver_id: string | null;
          category_id: string | null;
          created_at: string;
          deleted_at: string | null;
          done_on: string;
          endorser_id: string | null;
          hours: number;
          id: string;
          membership_id: string;
          note: string | null;
          registration_id: string | null;
          return_reason: string | null;
          school_id: string;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "pd_hours";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      attendance_summary: {
        Args: { class_id?: string; from_day: string; school_id: string; student_id?: string; to_day: string };
        Returns: {
          absent_days: number;
          absent_sessions: number;
          chronic: boolean | null;
          days: number;
          rate: number | null;
          sessions: number;
          student_id: string;
        }[];
      };
      audit_trail: {
        Args: {
          actor_id?: string;
          before_at?: string;
          before_id?: number;
          page_size?: number;
          row_id?: string;
          school_id: string;
          since?: string;
          table_name?: string;
        };
        Returns: {
          action: string;
          actor: string | null;
          after: Json;
          at: string;
          before: Json;
          columns: string[] | null;
          details: Json;
          id: number;
          ip: unknown;
          membership: string | null;
          request_id: string | null;
          role: string;
          row: string | null;
          session_id: string | null;
          table: string;
          user_agent: string | null;
        }[];
      };
      break_glass: {
        Args: { minutes?: number; observation_id: string; reason: string; school_id: string };
        Returns: {
          admin_id: string;
          created_at: string;
          deleted_at: string | null;
          expires_at: string;
          id: string;
          observation_id: string;
          observer_id: string;
          reason: string;
          school_id: string;
          teacher_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "break_glass_grants";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      calibration_agreement: {
        Args: { calibration_id?: string; framework_id: string; school_id: string };
        Returns: {
          domain_id: string | null;
          exact_percent: number;
          kappa: number | null;
          lessons: number;
          pairs: number;
          undefined_pairs: number;
        }[];
      };
      cancel_planned_observation: {
        Args: { planned_observation_id: string; school_id: string };
        Returns: {
          class_session_id: string | null;
          created_at: string;
          due_on: string;
          ends_at: string | null;
          framework_id: string | null;
          id: string;
          kind: string;
          observer_id: string;
          plan_id: string;
          school_id: string;
          starts_at: string | null;
          status: string;
          teacher_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "planned_observations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      cancel_training: {
        Args: { reason?: string; school_id: string; training_event_id: string };
        Returns: {
          cancel_reason: string | null;
          cancelled_at: string | null;
          capacity: number | null;
          category_id: string | null;
          created_at: string;
          deleted_at: string | null;
          description: string | null;
          ends_at: string;
          held_at: string | null;
          hours: number;
          id: string;
          location: string | null;
          organiser_id: string;
          published_at: string | null;
          registration_closes_at: string | null;
          registration_opens_at: string | null;
          reminded_for: string | null;
          school_id: string;
          series_id: string | null;
          starts_at: string;
          status: string;
          title: string;
          topic: string | null;
          type: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "training_events";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      change_announcement: {
        Args: { announcement_id: string; body?: string; expires_at?: string; school_id: string; title?: string };
        Returns: {
          author_id: string;
          body: string;
          created_at: string;
          deleted_at: string | null;
          expires_at: string | null;
          id: string;
          publish_at: string;
          published_at: string | null;
          school_id: string;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "announcements";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      change_district: {
        Args: { district_id: string; locale?: string; name?: string; timezone?: string };
        Returns: {
          code: string;
          country: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          locale: string;
          name: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "districts";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      change_session: {
        Args: {
          cover_teacher_id?: string;
          ends_at?: string;
          room_id?: string;
          school_id: string;
          session_id: string;
          starts_at?: string;
          status?: string;
          without_room?: boolean;
        };
        Returns: {
          changed_by_hand: boolean;
          class_id: string;
          cover_teacher_id: string | null;
          created_at: string;
          day: string;
          deleted_at: string | null;
          ends_at: string;
          held_by: string;
          id: string;
          note: string | null;
          register_taken_at: string | null;
          room_id: string | null;
          school_id: string;
          slot_day: string | null;
          slot_id: string | null;
          starts_at: string;
          status: string;
          subject_id: string | null;
          teacher_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "class_sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      check_in_to_training: { Args: { code: string; school_id: string; training_event_id: string }; Returns: Json };
      close_calibration: {
        Args: { calibration_id: string; school_id: string };
        Returns: {
          author_id: string;
          class_session_id: string | null;
          completed_at: string | null;
          created_at: string;
          framework_id: string;
          id: string;
          recording_url: string | null;
          school_id: string;
          status: string;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "calibrations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      comment_on_goal: {
        Args: { goal_id: string; note: string; school_id: string };
        Returns: {
          author_id: string;
          created_at: string;
          goal_id: string;
          id: string;
          note: string | null;
          progress: number | null;
          progress_method: string;
          school_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "goal_updates";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      complete_action_step: {
        Args: { action_step_id: string; evidence?: string; evidence_path?: string; school_id: string };
        Returns: {
          created_at: string;
          deleted_at: string | null;
          description: string;
          done_at: string | null;
          due_on: string | null;
          evidence: string | null;
          evidence_path: string | null;
          id: string;
          next_visit_on: string | null;
          observation_id: string;
          planned_observation_id: string | null;
          school_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "action_steps";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      complete_training: {
        Args: { school_id: string; training_event_id: string };
        Returns: {
          cancel_reason: string | null;
          cancelled_at: string | null;
          capacity: number | null;
          category_id: string | null;
          created_at: string;
          deleted_at: string | null;
          description: string | null;
          ends_at: string;
          held_at: string | null;
          hours: number;
          id: string;
          location: string | null;
          organiser_id: string;
          published_at: string | null;
          registration_closes_at: string | null;
          registration_opens_at: string | null;
          reminded_for: string | null;
          school_id: string;
          series_id: string | null;
          starts_at: string;
          status: string;
          title: string;
          topic: string | null;
          type: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "training_events";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      copy_framework: {
        Args: { framework_id: string; school_id: string };
        Returns: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          origin_id: string | null;
          school_id: string;
          status: string;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "frameworks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      daily_attendance: {
        Args: { class_id?: string; from_day: string; school_id: string; student_id?: string; to_day: string };
        Returns: {
          absent_days: number;
          absent_sessions: number;
          day: string;
          sessions: number;
          student_id: string;
        }[];
      };
      deleted_rows: {
        Args: { school_id: string; table_name: string };
        Returns: {
          deleted_at: string;
          deleted_by: string | null;
          id: string;
        }[];
      };
      district_board: {
        Args: { district_id: string; on_day?: string };
        Returns: {
          acknowledged: number | null;
          average_position: number | null;
          done: number | null;
          hidden: boolean;
          observations: number | null;
          overdue: number | null;
          planned: number | null;
          ratings: number | null;
          school_id: string | null;
          school_name: string | null;
          teachers_rated: number | null;
        }[];
      };
      district_observations: {
        Args: { before_id?: string; district_id: string; observed_before?: string; page_size?: number };
        Returns: {
          acknowledged_at: string | null;
          created_at: string;
          deleted_at: string | null;
          focus: string | null;
          framework_id: string;
          id: string;
          kind: string;
          locked_at: string | null;
          notes: string | null;
          observed_at: string;
          observer_id: string;
          planned_observation_id: string | null;
          school_id: string;
          status: string;
          submitted_at: string | null;
          teacher_id: string;
          updated_at: string;
          version: number;
        }[];
        SetofOptions: {
          from: "*";
          to: "observations";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      end_enrollment: {
        Args: { ends_on: string; enrollment_id: string; reason?: string; school_id: string };
        Returns: {
          class_id: string;
          created_at: string;
          deleted_at: string | null;
          end_reason: string | null;
          ended_by_promotion_id: string | null;
          ends_on: string;
          id: string;
          kind: string;
          promotion_id: string | null;
          roll_number: number | null;
          school_id: string;
          starts_on: string;
          student_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "enrollments";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      end_membership: {
        Args: { ends_on?: string; membership_id: string; school_id: string };
        Returns: {
          active: boolean;
          campus_id: string | null;
          created_at: string;
          deleted_at: string | null;
          department_id: string | null;
          ends_on: string | null;
          id: string;
          resumes_on: string | null;
          role: string;
          school_id: string;
          starts_on: string;
          teacher_code: string | null;
          team_scope: string | null;
          updated_at: string;
          user_id: string | null;
          via_district_membership_id: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "memberships";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      end_supervision: {
        Args: { ends_on?: string; school_id: string; supervision_id: string };
        Returns: {
          created_at: string;
          deleted_at: string | null;
          ends_on: string | null;
          id: string;
          school_id: string;
          starts_on: string;
          supervisor_id: string;
          teacher_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "supervisions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      enroll_students: {
        Args: { class_id: string; ends_on?: string; school_id: string; starts_on: string; student_ids: string[] };
        Returns: {
          class_id: string;
          created_at: string;
          deleted_at: string | null;
          end_reason: string | null;
          ended_by_promotion_id: string | null;
          ends_on: string;
          id: string;
          kind: string;
          promotion_id: string | null;
          roll_number: number | null;
          school_id: string;
          starts_on: string;
          student_id: string;
          updated_at: string;
        }[];
        SetofOptions: {
          from: "*";
          to: "enrollments";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      family_overview: {
        Args: Record<PropertyKey, never>;
        Returns: {
          absent_days: number | null;
          chronic: boolean | null;
          class_id: string | null;
          class_name: string | null;
          days: number | null;
          family_name: string;
          given_name: string;
          may_collect: boolean;
          photo_path: string | null;
          rate: number | null;
          school_id: string;
          sees_attendance: boolean;
          sees_grades: boolean;
          student_id: string;
        }[];
      };
      generate_sessions: { Args: { class_id?: string; school_id: string; term_id: string }; Returns: number };
      goal_progress: {
        Args: { goal_ids?: string[]; school_id: string };
        Returns: {
          children: number;
          goal_id: string;
          progress: number | null;
          progress_method: string;
        }[];
      };
      guardian_access_report: { Args: { membership_id: string; school_id: string; student_id: string }; Returns: Json };
      invite_people: {
        Args: { people: Json; school_id: string };
        Returns: {
          email: string;
          full_name: string;
          invitation_id: string;
          membership_id: string;
          waiting: boolean;
        }[];
      };
      lock_observation: {
        Args: { observation_id: string; school_id: string };
        Returns: {
          acknowledged_at: string | null;
          created_at: string;
          deleted_at: string | null;
          focus: string | null;
          framework_id: string;
          id: string;
          kind: string;
          locked_at: string | null;
          notes: string | null;
          observed_at: string;
          observer_id: string;
          planned_observation_id: string | null;
          school_id: string;
          status: string;
          submitted_at: string | null;
          teacher_id: string;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "observations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      mark_attendance: { Args: { entries: Json; school_id: string; session_id: string }; Returns: number };
      mark_training_attendance: {
        Args: { marks: Json; school_id: string; training_event_id: string };
        Returns: number;
      };
      my_calibration: { Args: { framework_id: string; school_id: string }; Returns: number | null };
      my_growth_record: { Args: { format?: string; school_id: string }; Returns: Json };
      my_memberships: {
        Args: Record<PropertyKey, never>;
        Returns: {
          campus_id: string | null;
          department_id: string | null;
          locale: string;
          membership_id: string;
          permissions: Json;
          role: string;
          school_id: string;
          school_name: string;
          team_scope: string | null;
          timezone: string;
          today: string;
        }[];
      };
      my_topics: {
        Args: Record<PropertyKey, never>;
        Returns: {
          membership_id: string;
          school_id: string;
          topic: string;
        }[];
      };
      open_calibration: {
        Args: {
          calibration_id?: string;
          class_session_id?: string;
          framework_id: string;
          rater_ids: string[];
          recording_url?: string;
          school_id: string;
          title: string;
        };
        Returns: {
          author_id: string;
          class_session_id: string | null;
          completed_at: string | null;
          created_at: string;
          framework_id: string;
          id: string;
          recording_url: string | null;
          school_id: string;
          status: string;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "calibrations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      override_attendance: {
        Args: { reason: string; school_id: string; session_id: string; status: string; student_id: string };
        Returns: {
          class_id: string;
          created_at: string;
          day: string;
          id: string;
          school_id: string;
          session_id: string;
          status: string;
          student_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "attendance_entries";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      pd_summary: {
        Args: { academic_year_id?: string; membership_id?: string; school_id: string };
        Returns: {
          approved: number;
          categories: Json;
          membership: string;
          missing: number;
          pending: number;
          required: number;
          role: string;
        }[];
      };
      plan_observations: {
        Args: { academic_year_id: string; name: string; plan_id?: string; school_id: string; visits: Json };
        Returns: {
          academic_year_id: string;
          author_id: string;
          created_at: string;
          id: string;
          name: string;
          school_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "observation_plans";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      prepare_sign_in: {
        Args: { school_id: string; student_id: string; username: string };
        Returns: {
          email: string;
          full_name: string;
          membership_id: string;
          user_id: string | null;
        }[];
      };
      preview_promotion: {
        Args: { choices?: Json; from_year_id: string; school_id: string; to_year_id: string };
        Returns: {
          action: string;
          class_id: string;
          enrollment_id: string;
          problem: string | null;
          student_id: string;
          to_class_id: string | null;
        }[];
      };
      promote_students: {
        Args: { choices?: Json; from_year_id: string; school_id: string; to_year_id: string };
        Returns: {
          created_at: string;
          from_year_id: string;
          graduated: number;
          id: string;
          promoted: number;
          repeated: number;
          school_id: string;
          to_year_id: string;
          undone_at: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "promotions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      publish_framework: {
        Args: { framework_id: string; school_id: string };
        Returns: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          origin_id: string | null;
          school_id: string;
          status: string;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "frameworks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      publish_training: {
        Args: { school_id: string; training_event_id: string };
        Returns: {
          cancel_reason: string | null;
          cancelled_at: string | null;
          capacity: number | null;
          category_id: string | null;
          created_at: string;
          deleted_at: string | null;
          description: string | null;
          ends_at: string;
          held_at: string | null;
          hours: number;
          id: string;
          location: string | null;
          organiser_id: string;
          published_at: string | null;
          registration_closes_at: string | null;
          registration_opens_at: string | null;
          reminded_for: string | null;
          school_id: string;
          series_id: string | null;
          starts_at: string;
          status: string;
          title: string;
          topic: string | null;
          type: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "training_events";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      read_announcement: { Args: { announcement_id: string; school_id: string }; Returns: string };
      read_behind_glass: { Args: { grant_id: string; school_id: string }; Returns: Json };
      read_guardianship_blocks: { Args: { school_id: string; student_id?: string }; Returns: Json };
      read_notifications: { Args: { notification_ids?: string[]; school_id: string }; Returns: number };
      read_student_records: { Args: { reason?: string; school_id: string; student_id: string }; Returns: Json };
      record_discussion: {
        Args: { met_on: string; observation_id: string; school_id: string };
        Returns: {
          created_at: string;
          deleted_at: string | null;
          discussion_met_on: string | null;
          id: string;
          observation_id: string;
          school_id: string;
          teacher_reflection: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "observation_feedback";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      record_goal_progress: {
        Args: { goal_id: string; note?: string; progress: number; school_id: string; update_id?: string };
        Returns: {
          author_id: string;
          created_at: string;
          goal_id: string;
          id: string;
          note: string | null;
          progress: number | null;
          progress_method: string;
          school_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "goal_updates";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reflect_on_observation: {
        Args: { observation_id: string; reflection: string; school_id: string };
        Returns: {
          created_at: string;
          deleted_at: string | null;
          discussion_met_on: string | null;
          id: string;
          observation_id: string;
          school_id: string;
          teacher_reflection: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "observation_feedback";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      register_for_training: {
        Args: { membership_id?: string; school_id: string; training_event_id: string };
        Returns: {
          attendance_source: string | null;
          attended_at: string | null;
          created_at: string;
          id: string;
          membership_id: string;
          organiser_id: string;
          promoted_at: string | null;
          queue_number: number;
          registered_at: string;
          school_id: string;
          status: string;
          training_event_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "training_registrations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      remove: { Args: { id: string; school_id: string; table_name: string }; Returns: undefined };
      reset_school_setting: {
        Args: { key: string; school_id: string };
        Returns: {
          created_at: string;
          id: string;
          inherited: boolean;
          key: string;
          school_id: string;
          updated_at: string;
          value: NonNullable<Json>;
        };
        SetofOptions: {
          from: "*";
          to: "school_settings";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      restore: { Args: { id: string; school_id: string; table_name: string }; Returns: undefined };
      resubmit_pd_hours: {
        Args: { pd_hour_id: string; school_id: string };
        Returns: {
          activity: string;
          approved_at: string | null;
          approver_id: string | null;
          category_id: string | null;
          created_at: string;
          deleted_at: string | null;
          done_on: string;
          endorser_id: string | null;
          hours: number;
          id: string;
          membership_id: string;
          note: string | null;
          registration_id: string | null;
          return_reason: string | null;
          school_id: string;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "pd_hours";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      retire_framework: {
        Args: { framework_id: string; school_id: string };
        Returns: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          id: string;
          name: string;
          origin_id: string | null;
          school_id: string;
          status: string;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "frameworks";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      return_pd_hours: {
        Args: { pd_hour_id: string; reason: string; school_id: string };
        Returns: {
          activity: string;
          approved_at: string | null;
          approver_id: string | null;
          category_id: string | null;
          created_at: string;
          deleted_at: string | null;
          done_on: string;
          endorser_id: string | null;
          hours: number;
          id: string;
          membership_id: string;
          note: string | null;
          registration_id: string | null;
          return_reason: string | null;
          school_id: string;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "pd_hours";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      revoke_invitation: { Args: { invitation_id: string; school_id: string }; Returns: undefined };
      save_observation_draft: {
        Args: {
          fields: Json;
          framework_id?: string;
          kind?: string;
          observation_id: string;
          planned_observation_id?: string;
          school_id: string;
          teacher_id?: string;
        };
        Returns: Json;
      };
      schedule_observation: {
        Args: {
          class_session_id?: string;
          ends_at?: string;
          planned_observation_id: string;
          school_id: string;
          starts_at?: string;
        };
        Returns: {
          class_session_id: string | null;
          created_at: string;
          due_on: string;
          ends_at: string | null;
          framework_id: string | null;
          id: string;
          kind: string;
          observer_id: string;
          plan_id: string;
          school_id: string;
          starts_at: string | null;
          status: string;
          teacher_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "planned_observations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      school_board: { Args: { academic_year_id?: string; school_id: string }; Returns: Json };
      search_people: {
        Args: { kind?: string; max_results?: number; query: string; school_id: string };
        Returns: {
          kind: string;
          name: string;
          number: string | null;
          person_id: string;
          rank: number;
        }[];
      };
      session_end: {
        Args: { school_id: string; user_session_id: string };
        Returns: {
          created_at: string;
          duration_seconds: number | null;
          end_reason: string | null;
          ended_at: string | null;
          id: string;
          ip: unknown;
          last_seen_at: string;
          membership_id: string;
          school_id: string;
          session_id: string;
          started_at: string;
          updated_at: string;
          user_agent: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "user_sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      session_frequency: {
        Args: { class_id?: string; membership_id?: string; school_id: string; since: string; until?: string };
        Returns: {
          day: string;
          people: number;
          seconds: number;
          sessions: number;
        }[];
      };
      session_ping: { Args: { school_id: string; user_session_id: string }; Returns: string };
      session_start: {
        Args: { school_id: string };
        Returns: {
          created_at: string;
          duration_seconds: number | null;
          end_reason: string | null;
          ended_at: string | null;
          id: string;
          ip: unknown;
          last_seen_at: string;
          membership_id: string;
          school_id: string;
          session_id: string;
          started_at: string;
          updated_at: string;
          user_agent: string | null;
        };
        SetofOptions: {
          from: "*";
          to: "user_sessions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      session_summary: {
        Args: { school_id: string; since: string; until?: string };
        Returns: {
          last_seen_at: string;
          membership_id: string;
          seconds: number;
          sessions: number;
        }[];
      };
      set_current_year: {
        Args: { academic_year_id: string; school_id: string };
        Returns: {
          code: string;
          created_at: string;
          deleted_at: string | null;
          ends_on: string;
          id: string;
          is_current: boolean;
          name: string;
          school_id: string;
          starts_on: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "academic_years";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      set_district_setting: { Args: { district_id: string; key: string; value: Json }; Returns: number };
      set_goal_status: {
        Args: { goal_id: string; school_id: string; status: string };
        Returns: {
          approved_at: string | null;
          approved_by: string | null;
          created_at: string;
          deleted_at: string | null;
          description: string | null;
          due_on: string | null;
          id: string;
          parent_id: string | null;
          progress_method: string;
          school_id: string;
          stated_progress: number | null;
          status: string;
          teacher_id: string | null;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "goals";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      set_photo: { Args: { path?: string; person_id: string; school_id: string }; Returns: string | null };
      set_role_permission: {
        Args: { permission: string; role: string; school_id: string; scope: string };
        Returns: {
          created_at: string;
          id: string;
          permission: string;
          role: string;
          school_id: string;
          scope: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "role_permissions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      set_school_setting: {
        Args: { key: string; school_id: string; value: Json };
        Returns: {
          created_at: string;
          id: string;
          inherited: boolean;
          key: string;
          school_id: string;
          updated_at: string;
          value: NonNullable<Json>;
        };
        SetofOptions: {
          from: "*";
          to: "school_settings";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      settings: {
        Args: { school_id: string };
        Returns: {
          description: string;
          key: string;
          source: string;
          value: Json;
        }[];
      };
      share_coaching_item: {
        Args: { item: string; item_id: string; reader_id: string; school_id: string };
        Returns: {
          action_step_id: string | null;
          created_at: string;
          feedback_id: string | null;
          id: string;
          item: string;
          observation_id: string;
          reader_id: string;
          revoked_at: string | null;
          school_id: string;
          teacher_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "coaching_shares";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      siblings: {
        Args: { school_id: string; student_id: string };
        Returns: {
          family_name: string;
          given_name: string;
          shared_guardians: number;
          student_id: string;
        }[];
      };
      submit_calibration: {
        Args: { calibration_id: string; ratings: Json; school_id: string };
        Returns: {
          author_id: string;
          class_session_id: string | null;
          completed_at: string | null;
          created_at: string;
          framework_id: string;
          id: string;
          recording_url: string | null;
          school_id: string;
          status: string;
          title: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "calibrations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      submit_observation: {
        Args: { observation_id: string; school_id: string };
        Returns: {
          acknowledged_at: string | null;
          created_at: string;
          deleted_at: string | null;
          focus: string | null;
          framework_id: string;
          id: string;
          kind: string;
          locked_at: string | null;
          notes: string | null;
          observed_at: string;
          observer_id: string;
          planned_observation_id: string | null;
          school_id: string;
          status: string;
          submitted_at: string | null;
          teacher_id: string;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "observations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      submit_walkthrough: {
        Args: {
          framework_id: string;
          look_for_ids?: string[];
          notes?: string;
          observation_id?: string;
          observed_at?: string;
          planned_observation_id?: string;
          ratings?: Json;
          school_id: string;
          teacher_id: string;
        };
        Returns: {
          acknowledged_at: string | null;
          created_at: string;
          deleted_at: string | null;
          focus: string | null;
          framework_id: string;
          id: string;
          kind: string;
          locked_at: string | null;
          notes: string | null;
          observed_at: string;
          observer_id: string;
          planned_observation_id: string | null;
          school_id: string;
          status: string;
          submitted_at: string | null;
          teacher_id: string;
          updated_at: string;
          version: number;
        };
        SetofOptions: {
          from: "*";
          to: "observations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      teacher_board: { Args: { school_id: string; teacher_id?: string }; Returns: Json };
      team_board: {
        Args: { academic_year_id?: string; school_id: string };
        Returns: {
          average_position: number | null;
          department_id: string | null;
          display_name: string | null;
          done: number;
          goals_achieved: number | null;
          goals_open: number | null;
          goals_progress: number | null;
          hours_approved: number | null;
          hours_missing: number | null;
          last_observed_at: string | null;
          latest_average: number | null;
          latest_position: number | null;
          next_due_on: string | null;
          observations: number;
          overdue: number;
          planned: number;
          steps_open: number;
          steps_overdue: number;
          teacher_id: string;
          trend: number | null;
          unacknowledged: number;
        }[];
      };
      team_components: {
        Args: { school_id: string; since?: string; until?: string };
        Returns: {
          average_level: number | null;
          average_position: number | null;
          domain_code: string;
          domain_id: string;
          domain_name: string;
          framework_code: string;
          framework_id: string;
          framework_version: number;
          levels: Json;
          not_observed: number;
          ratings: number;
          teachers: number;
        }[];
      };
      training_code: { Args: { renew?: boolean; school_id: string; training_event_id: string }; Returns: string };
      training_seats: {
        Args: { school_id: string; training_event_ids: string[] };
        Returns: {
          capacity: number | null;
          place: number | null;
          registered: number;
          training_event_id: string;
          waiting: number;
        }[];
      };
      transfer_student: {
        Args: { class_id: string; enrollment_id: string; on_date: string; school_id: string };
        Returns: {
          class_id: string;
          created_at: string;
          deleted_at: string | null;
          end_reason: string | null;
          ended_by_promotion_id: string | null;
          ends_on: string;
          id: string;
          kind: string;
          promotion_id: string | null;
          roll_number: number | null;
          school_id: string;
          starts_on: string;
          student_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "enrollments";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      undo_promotion: {
        Args: { promotion_id: string; school_id: string };
        Returns: {
          created_at: string;
          from_year_id: string;
          graduated: number;
          id: string;
          promoted: number;
          repeated: number;
          school_id: string;
          to_year_id: string;
          undone_at: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "promotions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      unshare_coaching_item: {
        Args: { school_id: string; share_id: string };
        Returns: {
          action_step_id: string | null;
          created_at: string;
          feedback_id: string | null;
          id: string;
          item: string;
          observation_id: string;
          reader_id: string;
          revoked_at: string | null;
          school_id: string;
          teacher_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "coaching_shares";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      verify_audit: {
        Args: { school_id: string };
        Returns: {
          entries_checked: number;
          first_bad_entry: number | null;
          head: string;
          problem: string | null;
          seals_checked: number;
          valid: boolean;
        }[];
      };
      verify_certificate: { Args: { client: string; code: string }; Returns: Json };
      withdraw_from_training: {
        Args: { membership_id?: string; school_id: string; training_event_id: string };
        Returns: {
          attendance_source: string | null;
          attended_at: string | null;
          created_at: string;
          id: string;
          membership_id: string;
          organiser_id: string;
          promoted_at: string | null;
          queue_number: number;
          registered_at: string;
          school_id: string;
          status: string;
          training_event_id: string;
          updated_at: string;
        };
        SetofOptions: {
          from: "*";
          to: "training_registrations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      write_student_record: {
        Args: { content: Json; kind: string; record_id?: string; school_id: string; student_id: string };
        Returns: string;
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;
