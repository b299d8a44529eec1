"""Published figures, shown beside ours. Percentages as printed; None if a paper has no figure."""

from dataclasses import dataclass

SMTS = "Yu et al., Sketch Me That Shoe, CVPR 2016, Table 1"
RELEASE = "later release of Sketch Me That Shoe by its authors"
DSSA = "Song et al., Deep Spatial-Semantic Attention, ICCV 2017, as cited in later work"
GDH = "Zhang et al., Generative Domain-migration Hashing, ECCV 2018"


@dataclass(frozen=True)
class Published:
    """One row of a paper's table."""

    system: str
    acc_at_1: float
    acc_at_10: float
    correct: float | None
    source: str


PUBLISHED: dict[tuple[str, str], tuple[Published, ...]] = {  # (dataset, category), test split
    ("qmul-v1", "shoes"): (
        Published("HOG+BoW+RankSVM", 17.39, 67.83, 62.82, SMTS),
        Published("dense HOG+RankSVM", 24.35, 65.22, 67.21, SMTS),
        Published("Sketch-a-Net feature+RankSVM", 20.00, 62.61, 62.55, SMTS),
        Published("3D-shape feature+RankSVM", 5.22, 21.74, 55.59, SMTS),
        Published("Triplet Sketch-a-Net", 39.13, 87.83, 69.49, SMTS),
        Published("Triplet Sketch-a-Net, cleaned", 52.17, 92.17, None, RELEASE),
        Published("DSSA", 61.74, 94.78, None, DSSA),
        Published("GDH, 128 bit", 35.7, 84.3, None, GDH),
    ),
    ("qmul-v1", "chairs"): (
        Published("HOG+BoW+RankSVM", 28.87, 67.01, 61.56, SMTS),
        Published("dense HOG+RankSVM", 52.57, 93.81, 68.96, SMTS),
        Published("Sketch-a-Net feature+RankSVM", 47.42, 82.47, 66.62, SMTS),
        Published("3D-shape feature+RankSVM", 6.19, 26.80, 51.94, SMTS),
        Published("Triplet Sketch-a-Net", 69.07, 97.94, 72.30, SMTS),
        Published("Triplet Sketch-a-Net, cleaned", 72.16, 98.96, None, RELEASE),
        Published("DSSA", 81.44, 95.88, None, DSSA),
        Published("GDH, 128 bit", 67.1, 99.0, None, GDH),
    ),
}
