/** The commonest first: the generator draws from the front more often than from the back. */
const words = (text: string): string[] => text.trim().split(/\s+/);

export const hebrew = {
  given:
    words(`נועם אורי דוד איתן יוסף לביא אריאל משה יהונתן אברהם רפאל עומר יובל איתי שרה תמר מאיה אביגיל נועה אסתר חנה מרים שירה יעל
    רבקה איילה ליה רחל טליה רוני הילה אדם עידו גיא אלון תומר אמיר יונתן דניאל מיכאל שמואל יצחק יעקב חיים אליה נריה הדס עדי שקד גלי
    ענבר ליאור אופיר שחר ניצן מעיין רותם עמית הודיה צופיה כרמל אלה עלמה זוהר דנה רינת`),
  family:
    words(`כהן לוי מזרחי פרץ ביטון דהן אברהם פרידמן מלכה אזולאי כץ יוסף דוד עמר אוחיון חדד גבאי בן־דוד אדרי לוין טל קליין חזן שפירא מויאל
    חיים סבג גולן שמעון קפלן אשכנזי יעקב רוזנברג הורוביץ אלבז בוזגלו וייס אוחנה שלום גולדברג משה סויסה יצחק ברק אליהו נחום שרון רוזן
    אברהמי שטרן סגל גרינברג בכר אלון צור ברגר רביבו סלע הלוי פלד זילברמן נגר טובול עטיה ששון ברוך מימון שושן דיין צדוק ליבוביץ קורן רון`),
};

export const latin = {
  given:
    words(`Adam Maya Daniel Sofia David Anna Michael Maria Omar Layla Yusuf Nour Ahmad Amira Samir Rania Alexander Ekaterina Dmitri Olga
    Thomas Emma Lucas Chloé Gabriel Léa Benjamin Hannah Samuel Ruth Noah Zoë`),
  family:
    words(`Cohen Levi Khalil Haddad Mansour Abu-Salem Nasser Khoury Ivanov Petrov Volkov Kuznetsova Schwartz Goldstein Rosenberg Friedman
    Dubois Lévy Martin Bernard Smith O'Connor Silva Gómez Tesfaye Alemu Bekele Kaplan Weiss Novak`),
};
