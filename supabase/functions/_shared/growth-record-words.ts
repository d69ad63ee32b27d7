/** What the growth record prints around the data. States are words of the schema, which a new one may join: the key itself then stands. */
export const growthRecordWords = {
  he: {
    title: "תיק התפתחות מקצועית",
    exported: "הופק ביום",
    observations: "תצפיות",
    trainings: "השתלמויות",
    certificates: "תעודות",
    hours: "שעות התפתחות מקצועית",
    none: "אין רשומות",
    observer: "צופה",
    average: "ממוצע",
    notObserved: "לא נצפה",
    reflection: "רפלקציה",
    discussed: "נערכה שיחה ביום",
    approvedTotal: "סך השעות שאושרו",
    credited: "נזקף מהשתלמות",
    states: {
      evaluation: "הערכה",
      walkthrough: "ביקור קצר",
      coaching: "ליווי אישי – גלוי רק לשני המשתתפים",
      registered: "רשום",
      waiting: "ברשימת המתנה",
      attended: "השתתף",
      absent: "נעדר",
      pending: "ממתין לאישור",
      endorsed: "ממתין לאישור שני",
      approved: "אושר",
      returned: "הוחזר לתיקון",
    },
  },
  en: {
    title: "Growth record",
    exported: "Exported on",
    observations: "Observations",
    trainings: "Trainings",
    certificates: "Certificates",
    hours: "Hours of professional development",
    none: "Nothing recorded",
    observer: "Observer",
    average: "Average",
    notObserved: "not observed",
    reflection: "Reflection",
    discussed: "Discussed on",
    approvedTotal: "Hours approved in all",
    credited: "credited by the training",
    states: {
      evaluation: "Evaluation",
      walkthrough: "Walkthrough",
      coaching: "Coaching – seen by its two participants alone",
      registered: "registered",
      waiting: "on the waitlist",
      attended: "attended",
      absent: "absent",
      pending: "waiting for approval",
      endorsed: "waiting for a second approval",
      approved: "approved",
      returned: "returned",
    },
  },
} as const;

export type Language = keyof typeof growthRecordWords;

export function stateIn(language: Language, state: string): string {
  const states: Record<string, string> = growthRecordWords[language].states;
  return states[state] ?? state;
}
