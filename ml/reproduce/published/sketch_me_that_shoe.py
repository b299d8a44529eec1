"""Yu, Liu, Song, Xiang, Hospedales, Loy, "Sketch Me That Shoe", CVPR 2016. The paper has two tables."""

from ml.reports.published import PUBLISHED, SMTS
from ml.reproduce.published.table import Column, Table

_NAMES = {  # in `ml.reports.published` -> in the table
    "HOG+BoW+RankSVM": "BoW-HOG + rankSVM",
    "dense HOG+RankSVM": "Dense-HOG + rankSVM",
    "Sketch-a-Net feature+RankSVM": "ISN Deep + rankSVM",
    "3D-shape feature+RankSVM": "3DS Deep + rankSVM",
    "Triplet Sketch-a-Net": "Our model",
}
TABLE_1 = Table(
    name="sketch-me-that-shoe/table-1",
    title="Sketch Me That Shoe (CVPR 2016), Table 1: comparison with baselines",
    columns=(Column("acc@1", "acc@1"), Column("acc@10", "acc@10"), Column("%corr", "%corr")),
    rows={
        f"{dataset}: {_NAMES[row.system]}": (row.acc_at_1, row.acc_at_10, row.correct)
        for dataset, category in (("Shoe", "shoes"), ("Chair", "chairs"))
        for row in PUBLISHED["qmul-v1", category]
        if row.source == SMTS
    },
    note="Theirs is pre-trained on the edge maps of ImageNet-1K, on TU-Berlin, and on pairs of both.",
)
TABLE_2 = Table(
    name="sketch-me-that-shoe/table-2",
    title="Sketch Me That Shoe (CVPR 2016), Table 2: contributions of the components (shoes)",
    columns=(Column("acc@1", "acc@1"), Column("acc@10", "acc@10")),
    rows={
        "Step 4 only": (27.83, 78.26),
        "Step 2 + 4, no data aug": (33.04, 81.74),
        "Step 2 + 4, with data aug": (36.52, 84.35),
        "Step 1 + 2 + 4, with data aug": (38.26, 85.22),
        "Step 1-4, no data aug": (37.39, 86.09),
        "Pairwise alternative": (28.70, 78.26),
        "Hetero. image triplets": (21.74, 68.70),
        "Hetero. image pairwise": (16.52, 69.57),
        "Our full model": (39.13, 87.83),
    },
    note="Steps 1 to 3 run on Sketchy and QuickDraw here, on ImageNet-1K and TU-Berlin there.",
)
TABLES = (TABLE_1, TABLE_2)
