"""Table 1 of Dawid and Skene (1979): 45 patients classified by five anaesthetists, by the first of them three times."""

import numpy as np

# One row per patient: three answers of observer 1, one of each of observers 2 to 5.
TABLE_1 = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 1211111
1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121
1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""

PREVALENCE = [0.40, 0.42, 0.11, 0.07]
LOG_LIKELIHOOD = -192.89088
# Table 2: one matrix per observer, one row per true class.
ERRORS = [
    [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]],
    [[0.83, 0.17, 0, 0], [0.05, 0.63, 0.31, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
    [[1, 0, 0, 0], [0.11, 0.79, 0.11, 0], [0, 0.40, 0.20, 0.40], [0, 0, 0.67, 0.33]],
    [[0.94, 0.06, 0, 0], [0.05, 0.84, 0.10, 0], [0, 0, 0.80, 0.20], [0, 0, 0.33, 0.67]],
    [[1, 0, 0, 0], [0.16, 0.73, 0.11, 0], [0, 0.21, 0.79, 0], [0, 0, 0.33, 0.67]],
]
# Patients, counted from 1, whose class is in doubt: the class and its probability.
IN_DOUBT = {7: (1, 0.981), 35: (2, 0.948), 38: (3, 0.979)}

OBSERVERS = (0, 0, 0, 1, 2, 3, 4)


def long_form() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return patient, observer and class, numbered from 0, (315,) each."""
    rows = [
        (patient, observer, int(answer) - 1)
        for patient, answers in enumerate(TABLE_1.split())
        for observer, answer in zip(OBSERVERS, answers, strict=True)
    ]
    patient, observer, answer = np.array(rows).T
    return patient, observer, answer
